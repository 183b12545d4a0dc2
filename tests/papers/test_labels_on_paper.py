"""Labels in one PDF: at 100% on the chosen paper, turned where needed, parted by pages that say why."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import ImageChops
from PIL.Image import Image

from crossdock.companies.models import Company
from crossdock.companies.scope import company_scope
from crossdock.orders.models import Order, Package
from crossdock.papers.awb import PrintAwb
from crossdock.papers.models import Kind, Paper, PaperOrder, PaperSettings, Separator, Size
from crossdock.papers.placing import Sheet, fits, place, size_of
from crossdock.work.batch import start
from crossdock.work.models import Attempt, Batch, State
from tests.cast import Cast
from tests.desk.book import order, store_of, take_in
from tests.papers.reading import squeezed

WHOLE = Sheet(Decimal(595), Decimal(842))
"""Nearly A4, in whole points: a pixel of the picture is a point of the page."""


def label(width: int, height: int, *, turn: int = 0, left: int = 0, crop: int = 0) -> pikepdf.Pdf:
    """A label with a mark of its own in every corner; ``crop`` points around it are hidden, and black."""
    made = pikepdf.new()
    page = made.add_blank_page(page_size=(width + 2 * crop, height + 2 * crop))
    x, y = left + crop, crop
    page.obj.MediaBox = pikepdf.Array([left, 0, left + width + 2 * crop, height + 2 * crop])
    page.obj.CropBox = pikepdf.Array([x, y, x + width, y + height])
    page.obj.Rotate = turn
    page.contents_add(
        f"0 g {left} 0 {width + 2 * crop} {height + 2 * crop} re f 1 g {x} {y} {width} {height} re f"
        f" 1 0 0 rg {x} {y} 20 10 re f 0 1 0 rg {x + width - 30} {y} 30 15 re f"
        f" 0 0 1 rg {x} {y + height - 25} 15 25 re f 0 g {x + width - 12} {y + height - 6} 12 6 re f".encode()
    )
    return made


def drawn(made: pikepdf.Pdf) -> Image:
    """The first page, a pixel a point."""
    kept = BytesIO()
    made.save(kept)
    with pypdfium2.PdfDocument(kept.getvalue()) as opened:
        picture: Image = opened[0].render(scale=1).to_pil().convert("RGB")
        return picture


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    width=st.integers(60, 590),
    height=st.integers(60, 835),
    turn=st.sampled_from([0, 90, 180, 270]),
    left=st.integers(-40, 40),
    crop=st.sampled_from([0, 12]),
)
def test_a_label_lies_whole_and_unscaled_in_the_corner_of_the_paper(
    width: int, height: int, turn: int, left: int, crop: int
) -> None:
    before = drawn(label(width, height, turn=turn, left=left, crop=crop))
    made = label(width, height, turn=turn, left=left, crop=crop)
    page = made.pages[0]
    if not WHOLE.holds(*size_of(page)):
        before = before.rotate(-90, expand=True)
    assert place(page, WHOLE) == fits(page, WHOLE)
    after = drawn(made)
    assert after.size == (595, 842)
    corner = after.crop((0, 0, *before.size))
    assert ImageChops.difference(corner, before).getbbox() is None
    after.paste((255, 255, 255), (0, 0, *before.size))
    assert after.getextrema() == ((255, 255),) * 3, "the paper around it is white"


def test_a_label_that_is_larger_than_the_paper_keeps_its_own_size() -> None:
    made = label(600, 850)
    before = drawn(made)
    page = made.pages[0]
    assert not fits(page, WHOLE)
    assert not place(page, WHOLE)
    assert ImageChops.difference(drawn(made), before).getbbox() is None


def test_sizes_are_told_as_a_reader_sees_them() -> None:
    made = label(283, 425, turn=90)
    made.pages[0].obj.UserUnit = 2
    assert size_of(made.pages[0]) == (Decimal(850), Decimal(566))


@pytest.fixture
def acme(cast: Cast, settings: Any, tmp_path: Path) -> Iterator[Company]:
    """Acme with six orders, in its scope; its files go to a folder of the test's own."""
    settings.MEDIA_ROOT = tmp_path
    with company_scope(cast.acme):
        take_in(store_of(cast.acme), [order(number) for number in range(6)])
        yield cast.acme


def keys() -> list[int]:
    return list(Order.objects.order_by("pk").values_list("pk", flat=True))


def bound(cast: Cast, ids: list[int], tmp_path: Path, **wanted: Any) -> list[str]:
    """Binds labels of these orders by these settings; the text of each page."""
    PaperSettings.objects.update_or_create(company=cast.acme, defaults=wanted)
    batch = start(
        cast.acme, cast.pat, "print_awb",
        form_key=f"awb-{Batch.objects.count()}", order_ids=ids, options={"order": ids},
    )  # fmt: skip
    for attempt in Attempt.objects.filter(batch=batch):
        name = f"awb/{attempt.order_id}.pdf"
        (tmp_path / "awb").mkdir(exist_ok=True)
        with label(283, 425) as made:
            page = made.pages[0]
            font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)  # fmt: skip
            page.add_resource(font, pikepdf.Name.Font, pikepdf.Name.F1)
            words = f"BT /F1 12 Tf 60 200 Td (label {attempt.order_id}) Tj ET"
            page.contents_add(words.encode())
            made.save(tmp_path / name)
        attempt.state, attempt.result = State.DONE, {"files": [name]}
        attempt.save()
    PrintAwb().finish(batch)
    batch.refresh_from_db()
    with pypdfium2.PdfDocument(tmp_path / batch.product) as opened:
        return [squeezed(page.get_textpage().get_text_bounded()) for page in opened]


def courier(key: int, name: str) -> None:
    Package.objects.filter(order=key).delete()
    Package.objects.create(
        company_id=Order.objects.get(pk=key).company_id,
        order_id=key, package_id=f"P{key}", shipment_provider=name,
    )  # fmt: skip


def test_a_page_before_each_couriers_labels_names_it_and_what_was_printed_before(
    cast: Cast, acme: Company, tmp_path: Path
) -> None:
    one, two, three, four, *_ = keys()
    for key, name in ((one, "SPX Express"), (two, "J&T Express"), (three, "SPX Express")):
        courier(key, name)
    courier(four, "")
    Order.objects.filter(pk=three).update(printed_count=3)
    again = Order.objects.get(pk=three).channel_order_id
    pages = bound(cast, [one, two, three, four], tmp_path, separator=Separator.COURIER.value)
    assert [page.startswith("label") for page in pages] == [False, True, False, True, False, True, True]  # fmt: skip
    assert pages[0].startswith("Nocouriernamed1orders")
    assert pages[2].startswith("J&TExpress1orders")
    assert pages[4].startswith("SPXExpress2orders")
    assert f"Printedbefore{again}(4×)" in pages[4], "this time included"
    assert "Printedbefore" not in pages[2]
    assert [page for page in pages if page.startswith("label")] == [
        f"label{key}" for key in (four, two, one, three)
    ]


def test_a_page_before_each_picking_lists_labels(cast: Cast, acme: Company, tmp_path: Path) -> None:
    one, two, three, four, *_ = keys()
    for number, ids in ((7, [two, one]), (8, [three])):
        paper = Paper.objects.create(
            company=acme, kind=Kind.PICKING_LIST.value, number=number, person=cast.pat,
            form_key=f"p{number}", size=Size.A4.value,
        )  # fmt: skip
        for at, key in enumerate(ids):
            PaperOrder.objects.create(company=acme, paper=paper, order_id=key, place=at)
    pages = bound(cast, [four, three, one, two], tmp_path, separator=Separator.WAVE.value)
    begins = [page[:4] for page in pages]
    assert begins == ["PL-7", "labe", "labe", "PL-8", "labe", "Onno", "labe"]
    assert pages[1:3] == [f"label{two}", f"label{one}"]


def test_printed_last_first_the_turned_stack_is_as_the_other_way_round(
    cast: Cast, acme: Company, tmp_path: Path
) -> None:
    ids = keys()[:3]
    upright = bound(cast, ids, tmp_path, separator=Separator.COURIER.value)
    turned = bound(cast, ids, tmp_path, separator=Separator.COURIER.value, last_first=True)
    assert [page for page in turned if page.startswith("label")] == [
        page for page in reversed(upright) if page.startswith("label")
    ]
    assert turned[-1][:20] == upright[0][:20], "the separator lies on top once the stack is turned"


def test_every_label_page_is_on_the_companys_paper(
    cast: Cast, acme: Company, tmp_path: Path
) -> None:
    ids = keys()[:2]
    bound(cast, ids, tmp_path, awb_size=Size.A4.value, separator=Separator.COURIER.value)
    product = tmp_path / Batch.objects.order_by("-pk").values_list("product", flat=True)[0]
    with pypdfium2.PdfDocument(product) as opened:
        assert {(round(page.get_width()), round(page.get_height())) for page in opened} == {(595, 842)}  # fmt: skip
