"""One bad label: it is refused in words that name the parcel, and every good one is in the PDF."""

from __future__ import annotations

import base64
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
from django.conf import settings

from crossdock.orders.models import Order
from crossdock.papers import awb, binding
from crossdock.papers.models import PaperSettings
from crossdock.work.batch import finish, retry_failed
from crossdock.work.models import Attempt, Batch, State
from tests.actions.conftest import desk
from tests.actions.stage import OnDesk, later, work
from tests.papers.labels import BAD, blank, saved, with_field
from tests.papers.reading import LABEL_PRINTER_DPI, barcodes, pages, pictures, text

__all__ = ["desk"]

pytestmark = pytest.mark.django_db(transaction=True)
SHOPEES_ZIP = "Choose the normal A6 air waybill under Shipping Settings in Shopee's Seller Centre."


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    """Files go to a folder of the test's own."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def comes(desk: OnDesk, order: Order, content: bytes, **more: Any) -> None:
    """This file comes as the order's label."""
    file = base64.b64encode(content).decode()
    desk.sandbox.post(
        "/faults", system=desk.store.channel, kind="label",
        order=order.channel_order_id, file_base64=file, **more,
    )  # fmt: skip


def printed(desk: OnDesk, *orders: Order) -> tuple[dict[int, Attempt], Path | None]:
    """Print AWB of these orders, as the worker does it; attempts by order, and the PDF."""
    batch = desk.begin("print_awb", *orders)
    work()
    return closed(batch)


def worked(times: int, seconds: int) -> None:
    """Work as often as told; so much time goes by after each."""
    for _ in range(times):
        work()
        later(seconds)


def closed(batch: Batch) -> tuple[dict[int, Attempt], Path | None]:
    finish(batch.pk)
    batch.refresh_from_db()
    attempts = Attempt.objects.filter(batch=batch)
    file = Path(settings.MEDIA_ROOT) / batch.product if batch.product else None
    return {one.order_id: one for one in attempts}, file


def tracking(order: Order) -> str:
    return str(order.packages.get(voided_at__isnull=True).tracking_number)


def codes_in(file: Path | None) -> list[str]:
    assert file is not None, "there is no PDF"
    return [code for picture in pictures(file) for code in barcodes(picture)]


@pytest.mark.parametrize(
    ("desk", "kinds"),
    [
        pytest.param("lazada", BAD, marks=pytest.mark.long),
        ("lazada", ["bomb", "many pages", "zpl", "turned askew"]),
        ("shopee", ["web page", "nothing"]),
        ("tiktok", ["cut", "locked"]),
    ],
    indirect=["desk"],
)
def test_a_bad_label_of_any_kind_is_refused_in_words_and_the_good_ones_are_printed(
    desk: OnDesk, kinds: Collection[str], folder: Path
) -> None:
    expected = {kind: BAD[kind] for kind in kinds}
    good, also_good, *others = (desk.shipped(one) for one in desk.orders(2 + len(expected)))
    bad = dict(zip(expected, others, strict=True))
    for kind, (content, _) in expected.items():
        comes(desk, bad[kind], content(), times=1)
    attempts, file = printed(desk, good, *others, also_good)
    assert [attempts[one.pk].state for one in (good, also_good)] == [State.DONE] * 2
    assert file is not None
    assert pages(file) == 2
    assert sorted(codes_in(file)) == sorted([tracking(good), tracking(also_good)])
    for kind, (_, words) in expected.items():
        refused = attempts[bad[kind].pk]
        package = bad[kind].packages.get(voided_at__isnull=True)
        assert refused.state == State.REFUSED, (kind, refused.words)
        assert words in refused.words, kind
        assert package.package_id in refused.words, kind
        assert package.tracking_number in refused.words, kind
        assert "seller centre" in refused.words, kind
        assert str(folder) not in refused.words, kind
        assert len(desk.ledger(bad[kind], "label")) <= 2, kind
    attempts, file = printed(desk, *others)
    assert {one.state for one in attempts.values()} == {State.DONE}
    assert sorted(codes_in(file)) == sorted(tracking(one) for one in others)


def test_a_zip_of_thermal_labels_is_named_with_what_to_choose(desk: OnDesk) -> None:
    order = desk.shipped(desk.orders()[0])
    comes(desk, order, b"PK\x03\x04thermal")
    attempts, file = printed(desk, order)
    assert (attempts[order.pk].state, file) == (State.REFUSED, None)
    assert "a ZIP file and not a PDF" in attempts[order.pk].words
    assert "normal A6 air waybill" in attempts[order.pk].words
    if desk.known.title == "Shopee":
        assert SHOPEES_ZIP in attempts[order.pk].words


def test_a_label_that_was_bad_once_is_printed_when_it_is_tried_again(desk: OnDesk) -> None:
    order = desk.shipped(desk.orders()[0])
    comes(desk, order, b"<html>", times=1)
    batch = desk.begin("print_awb", order)
    work()
    attempts, _ = closed(batch)
    assert attempts[order.pk].state == State.REFUSED
    assert Order.objects.get(pk=order.pk).label_ready_at is None
    again = retry_failed(batch, desk.cast.pat, form_key="again")
    work()
    attempts, file = closed(again)
    assert (attempts[order.pk].state, codes_in(file)) == (State.DONE, [tracking(order)])
    assert Order.objects.get(pk=order.pk).label_ready_at is not None


@pytest.mark.parametrize(
    ("size", "need", "paper"), [(12, True, ""), (0, True, "a6"), (12, False, "a6")]
)
def test_what_was_typed_into_a_field_of_a_label_is_on_the_print(
    desk: OnDesk, size: int, need: bool, paper: str
) -> None:
    PaperSettings.objects.update_or_create(company=desk.cast.acme, defaults={"awb_size": paper})
    order = desk.shipped(desk.orders()[0])
    comes(desk, order, with_field("SPXMY0212345678", size=size, need=need))
    attempts, file = printed(desk, order)
    assert attempts[order.pk].state == State.DONE, attempts[order.pk].words
    assert file is not None
    assert text(file) == "SPXMY0212345678"
    (picture,) = pictures(file)
    scale = LABEL_PRINTER_DPI / 72
    field = picture.convert("L").crop(
        (int(20 * scale), int((419.5 - 330) * scale), int(270 * scale), int((419.5 - 250) * scale))
    )
    assert field.getextrema()[0] < 100, "it is drawn where the field is"


def test_lines_of_a_field_are_all_on_the_print(desk: OnDesk) -> None:
    order = desk.shipped(desk.orders()[0])
    address = "Café Kopi (Lot 7)\nJalan Ampang 12, a line that is longer than the field is wide"
    comes(desk, order, with_field(address, flags=1 << 12))
    _, file = printed(desk, order)
    assert file is not None
    assert text(file) == address.replace(" ", "").replace("\n", "")


def test_layers_that_are_hidden_stay_hidden(desk: OnDesk) -> None:
    made = blank()
    layer = made.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.OCG, Name="Draft"))
    made.Root.OCProperties = pikepdf.Dictionary(
        OCGs=[layer], D=pikepdf.Dictionary(OFF=[layer], Order=[layer])
    )
    page = made.pages[0]
    page.obj.Resources = pikepdf.Dictionary(Properties=pikepdf.Dictionary(L=layer))
    page.contents_add(b"/OC /L BDC 0 g 0 0 297 419 re f EMC")
    order = desk.shipped(desk.orders()[0])
    comes(desk, order, saved(made))
    _, file = printed(desk, order)
    assert file is not None
    with pypdfium2.PdfDocument(file) as opened:
        picture = opened[0].render(scale=1).to_pil().convert("L")
    assert picture.getpixel((250, 30)) == 255


def test_a_label_that_cannot_be_bound_after_all_never_stops_the_others(
    desk: OnDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad = (desk.shipped(one) for one in desk.orders(2))
    batch = desk.begin("print_awb", good, bad)
    work()
    real = binding.lay

    def fails(bound: pikepdf.Pdf, label: pikepdf.Pdf, sheet: Any) -> None:
        real(bound, label, sheet)
        if f"/{bad.pk}-" in label.filename:
            raise MemoryError("no room")

    monkeypatch.setattr(binding, "lay", fails)
    attempts, file = closed(batch)
    assert codes_in(file) == [tracking(good)]
    assert (attempts[good.pk].state, attempts[bad.pk].state) == (State.DONE, State.REFUSED)
    assert "could not be laid into the PDF" in attempts[bad.pk].words


def test_a_label_that_cannot_be_kept_never_stops_the_others(
    desk: OnDesk, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    good, bad = (desk.shipped(one) for one in desk.orders(2))
    real = awb._keep

    def full(attempt: Attempt, label: Any) -> str:
        if attempt.order_id == bad.pk:
            raise OSError(28, "No space left on device", str(folder / "x"))
        return real(attempt, label)

    monkeypatch.setattr(awb, "_keep", full)
    attempts, file = printed(desk, good, bad)
    assert codes_in(file) == [tracking(good)]
    assert attempts[bad.pk].state == State.REFUSED
    assert str(folder) not in attempts[bad.pk].words
    assert "could not be kept here" in attempts[bad.pk].words


def test_an_error_that_nobody_foresaw_while_fetching_ends_in_words(
    desk: OnDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad = (desk.shipped(one) for one in desk.orders(2))
    real, tries = awb.call_store, []

    def fails(store: Any, ask: Any, **more: Any) -> Any:
        answer = real(store, ask, **more)
        if any(label.order_id == bad.channel_order_id for label in answer):
            tries.append(1)
            raise RuntimeError("/home/secret")
        return answer

    monkeypatch.setattr(awb, "call_store", fails)
    batch = desk.begin("print_awb", good, bad)
    worked(8, seconds=60)
    attempts, file = closed(batch)
    assert codes_in(file) == [tracking(good)]
    assert (attempts[bad.pk].state, len(tries)) == (State.REFUSED, 3)
    assert "/home" not in attempts[bad.pk].words
    assert "the log says what" in attempts[bad.pk].words


@pytest.mark.parametrize("desk", ["lazada"], indirect=True)
def test_a_marketplace_that_gives_no_answer_is_tried_for_some_minutes_and_then_named(
    desk: OnDesk,
) -> None:
    good, bad = (desk.shipped(one) for one in desk.orders(2))
    desk.sandbox.post(
        "/faults", system=desk.store.channel, kind="answer",
        order=bad.channel_order_id, status=502, body="<h1>Bad Gateway</h1>",
    )  # fmt: skip
    batch = desk.begin("print_awb", good, bad)
    worked(62, seconds=3)
    attempts, file = closed(batch)
    assert codes_in(file) == [tracking(good)]
    assert attempts[bad.pk].state == State.REFUSED
    assert "502" in attempts[bad.pk].words


@pytest.mark.parametrize("desk", ["shopee"], indirect=True)
def test_a_label_that_is_never_made_holds_up_the_others_for_minutes_and_no_longer(
    desk: OnDesk,
) -> None:
    good, late = (desk.shipped(one) for one in desk.orders(2))
    desk.sandbox.post(
        "/faults", system=desk.store.channel, kind="label",
        order=late.channel_order_id, seconds=86_400,
    )  # fmt: skip
    batch = desk.begin("print_awb", good, late)
    worked(22, seconds=30)
    attempts, file = closed(batch)
    assert codes_in(file) == [tracking(good)]
    assert attempts[late.pk].state == State.REFUSED
    assert attempts[late.pk].words.endswith("It was waited for: print it again later.")


def test_a_label_that_is_still_being_made_is_waited_for(desk: OnDesk) -> None:
    order = desk.shipped(desk.orders()[0])
    desk.sandbox.post(
        "/faults", system=desk.store.channel, kind="label",
        order=order.channel_order_id, seconds=600, times=3,
    )  # fmt: skip
    batch = desk.begin("print_awb", order)
    worked(6, seconds=30)
    attempts, file = closed(batch)
    assert (attempts[order.pk].state, codes_in(file)) == (State.DONE, [tracking(order)])
    assert file is not None
    assert pages(file) == 1
