"""Picking lists and their summary, read back from the rendered pages by other people's programs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from PIL import ImageChops

from crossdock.orders.models import Order
from crossdock.papers.making import ask_for, make
from crossdock.papers.models import Kind, Paper, PaperOrder, PaperSettings, Size
from crossdock.posting.models import BooksCode, SkuCode, StoreCodes
from crossdock.rules.facts import OrderFacts, Problem, Stage, Touches
from crossdock.stores.models import Store
from tests.cast import Cast
from tests.papers.conftest import line, order, package
from tests.papers.reading import barcodes, pages, pictures, squeezed, text
from tests.pictures.drawn import URL, drawn, kept_picture

pytestmark = pytest.mark.django_db(transaction=True)
Book = Callable[..., list[int]]
Printed = Callable[..., tuple[Paper, Path]]

LONG_SKU = "TEE-" + "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789" + "-VERY-LONG-VARIANT-X"
ORDER_18 = "576098712345678901"
LATIN = "Áo thun cotton tay ngắn, cổ tròn – Größe XL"
CHINESE = "超薄手机壳 适用于 15 寸"
THAI = "เสื้อยืดผ้าฝ้าย คอกลม"
ARABIC = "قميص قطن بأكمام قصيرة"
EMOJI = "Mug 🎁 300 ml"


@pytest.mark.parametrize("size", list(Size))
def test_every_barcode_is_read_by_another_program_from_the_page_of_a_label_printer(
    book: Book, printed: Printed, size: Size
) -> None:
    ids = [ORDER_18, "260302ABCDE123", "345612347890123"]
    keys = book(*(order(one, [line(1, "MUG", "Mug")]) for one in ids))
    paper, file = printed(Kind.PICKING_LIST, keys, size)
    assert [barcodes(picture) for picture in pictures(file)] == [[one] for one in ids]
    assert (paper.order_count, paper.page_count) == (3, 3)


@pytest.mark.parametrize("size", list(Size))
def test_what_stands_on_a_picking_list_is_what_the_order_says(
    book: Book, printed: Printed, size: Size
) -> None:
    lines = [
        line(1, LONG_SKU, LATIN, 2, variation="Đỏ / XL"),
        line(2, "CASE-15", CHINESE, 3, variation="黑色"),
        line(3, "MUG", "Enamel mug <b>#[not markup]</b> $x$ \\ *_`", 11),
    ]
    facts = order(
        ORDER_18, lines, buyer_note="Tolong bungkus 礼物", packages=(package("P1", "JT0099"),)
    )
    _, file = printed(Kind.PICKING_LIST, book(facts), size)
    read = text(file)
    wanted = [
        ORDER_18, "Kopi Corner MY", "TikTok Shop", "J&T Express", "JT0099", "Tolong bungkus 礼物", "PL-1",
        "Acme Trading", "units: 16",
        *(one.sku for one in lines), *(one.name for one in lines), "Đỏ / XL", "黑色",
    ]  # fmt: skip
    assert [one for one in wanted if squeezed(one) not in read] == []


@pytest.mark.parametrize("name", [THAI, ARABIC, EMOJI])
def test_shaped_scripts_are_drawn_and_no_letter_is_a_box(
    book: Book, printed: Printed, name: str
) -> None:
    first, second, missing = book(
        order("1", [line(1, "A", name)]),
        order("2", [line(1, "A", name[::-1])]),
        order("3", [line(1, "A", "\U00013000" * 5)]),  # hieroglyphs: no font of ours has them
    )
    drawn = [pictures(printed(Kind.PICKING_LIST, [key])[1])[0] for key in (first, second, missing)]
    cell = [picture.crop((300, 300, 760, 480)).convert("L") for picture in drawn]
    assert all(ImageChops.invert(one).getbbox() for one in cell)
    assert ImageChops.difference(cell[0], cell[1]).getbbox()
    assert ImageChops.difference(cell[0], cell[2]).getbbox()


def test_an_order_of_two_hundred_lines_is_whole_and_says_how_many_pages_it_has(
    book: Book, printed: Printed
) -> None:
    lines = [line(n, f"SKU-{n:03}", f"Thing number {n}") for n in range(200)]
    keys = book(order("260302LONG0001", lines), order("260302NEXT0002", [line(1, "MUG", "Mug")]))
    paper, file = printed(Kind.PICKING_LIST, keys)
    read = text(file)
    assert [one.sku for one in lines if one.sku not in read] == []
    last = paper.page_count - 1
    assert squeezed(f"Page {last} / {last}") in read
    assert squeezed("Page 1 / 1") in read
    assert barcodes(pictures(file)[0]) == ["260302LONG0001"]
    assert barcodes(pictures(file)[-1]) == ["260302NEXT0002"]


def test_an_order_of_several_packages_has_a_list_for_each(book: Book, printed: Printed) -> None:
    facts = order(
        "260302TWO00001",
        [line(1, "RED", "Red", package_id="P1"), line(2, "BLUE", "Blue", 4, package_id="P2")],
        packages=(package("P1", "T-ONE"), package("P2", "T-TWO")),
    )
    _, file = printed(Kind.PICKING_LIST, book(facts))
    read = text(file)
    assert pages(file) == 2
    assert "Package1/2" in read
    assert "Package2/2" in read
    assert read.index("T-ONE") < read.index("T-TWO")


def test_cancelled_lines_are_nobodys_to_pick(book: Book, printed: Printed) -> None:
    facts = order(
        "260302GONE0001",
        [line(1, "RED", "Red"), line(2, "GONE", "Gone", stage=Stage.CANCELLED, status="canceled")],
    )
    (key,) = book(facts)
    assert "GONE" not in text(printed(Kind.PICKING_LIST, [key])[1]).replace("260302GONE0001", "")
    assert "Gone" not in text(printed(Kind.PICKING_SUMMARY, [key])[1])


def many(count: int) -> list[OrderFacts]:
    return [
        order(f"26030{n:09}", [line(1, f"SKU-{n % 7}", f"Kind {n % 7}", n % 3 + 1)])
        for n in range(count)
    ]


def test_the_summary_adds_up_by_sku_with_the_orders_that_need_it(
    book: Book, printed: Printed
) -> None:
    facts = many(21)
    paper, file = printed(Kind.PICKING_SUMMARY, book(*facts), Size.A4)
    read = text(file)
    units = sum(one.quantity for facts_of in facts for one in facts_of.lines)
    assert squeezed(f"21 orders · 7 kinds · {units} units") in read
    assert [one.order_id for one in facts if one.order_id not in read] == []
    assert paper.order_count == 21


def test_a_large_paper_is_made_in_parts_and_keeps_its_order(book: Book, printed: Printed) -> None:
    keys = book(*many(230))
    turned = keys[::-1]
    paper, file = printed(Kind.PICKING_LIST, turned)
    assert pages(file) == 230
    assert barcodes(pictures(file)[0]) == [Order.objects.get(pk=turned[0]).channel_order_id]
    assert barcodes(pictures(file)[229]) == [Order.objects.get(pk=turned[229]).channel_order_id]
    places = PaperOrder.objects.filter(paper=paper).order_by("place")
    assert list(places.values_list("order_id", flat=True)) == turned


def test_a_job_that_is_done_again_makes_the_same_paper(book: Book, printed: Printed) -> None:
    paper, file = printed(Kind.PICKING_LIST, book(*many(3)))
    before = text(file)
    make(paper.pk)
    assert text(file) == before
    assert PaperOrder.objects.filter(paper=paper).count() == 3


def test_numbers_count_up_by_kind_in_each_company(book: Book, printed: Printed) -> None:
    keys = book(*many(1))
    made = [
        str(printed(kind, keys)[0])
        for kind in (Kind.PICKING_SUMMARY, Kind.PICKING_LIST, Kind.PICKING_LIST)
    ]
    assert made == ["PS-1", "PL-1", "PL-2"]


def test_orders_without_anything_to_pick_make_no_paper(
    cast: Cast, book: Book, printed: Printed
) -> None:
    keys = book(order("1", [line(1, "A", "A", stage=Stage.CANCELLED, status="canceled")]))
    with pytest.raises(AssertionError, match="None of these orders is left to print"):
        printed(Kind.PICKING_LIST, keys)


@pytest.mark.parametrize(
    ("language", "word"), [("ms", "Senarai Ambilan"), ("zh", "拣货单"), ("vi", "Phiếu lấy hàng")]
)
def test_papers_speak_the_language_of_the_company(
    cast: Cast, book: Book, printed: Printed, language: str, word: str
) -> None:
    PaperSettings.objects.create(company=cast.acme, language=language)
    assert squeezed(word) in text(printed(Kind.PICKING_LIST, book(*many(1)))[1])


def test_what_must_not_be_hidden_cannot_be(cast: Cast, book: Book, printed: Printed) -> None:
    every: Sequence[Any] = ["tick", "location", "sku", "name", "orders", "quantity", "order_id"]
    PaperSettings.objects.create(company=cast.acme, hidden=list(every))
    facts = order("260302HIDE0001", [line(1, "MUG-77", "Enamel mug", 13)])
    _, file = printed(Kind.PICKING_LIST, book(facts))
    read = text(file)
    assert "Enamel" not in read
    assert "Unknownlocation" not in read
    assert "MUG-77" in read
    assert "13" in read
    assert barcodes(pictures(file)[0]) == ["260302HIDE0001"]


@pytest.mark.parametrize("kind", [Kind.PICKING_LIST, Kind.PICKING_SUMMARY])
def test_where_the_books_say_that_goods_lie_is_where_they_are_fetched(
    store: Store, book: Book, printed: Printed, kind: Kind
) -> None:
    company = store.company_id
    StoreCodes.objects.create(
        company_id=company, store=store, customer="300-T0001", location="ECOM"
    )
    for sku, shelf in (("BACK", "Z-09"), ("FRONT", "A-01")):
        SkuCode.objects.create(company_id=company, sku=sku, item_code=f"{sku}-1")
        BooksCode.objects.create(
            company_id=company, kind=BooksCode.Kind.ITEM, code=f"{sku}-1", shelf=shelf
        )
    keys = book(
        order("260302A", [line(1, "BACK", "Back"), line(2, "NOWHERE", "Nowhere")]),
        order("260302B", [line(1, "FRONT", "Front"), line(2, "BACK", "Back")]),
    )
    _, file = printed(kind, keys, Size.A4)
    read = text(file)
    places = ["ECOM·A-01", "ECOM·Z-09", "Unknownlocation"]
    assert [one for one in places if one not in read] == []
    if kind is Kind.PICKING_SUMMARY:
        assert sorted(places, key=read.index) == places
        assert read.count("ECOM·Z-09") == 1


@pytest.mark.parametrize("kind", [Kind.PICKING_LIST, Kind.PICKING_SUMMARY])
def test_a_picture_that_is_here_is_printed_beside_its_item(
    store: Store, cast: Cast, book: Book, printed: Printed, kind: Kind
) -> None:
    here = order("260302A", [line(1, "MUG", "Mug", image_url=URL)])
    missing = order("260302B", [line(1, "TEA", "Tea", image_url="https://img.example/tea.jpg")])
    keys = book(here, missing)
    kept_picture(cast.acme, body=drawn(color=(200, 30, 60)))
    _, file = printed(kind, keys, Size.A4)
    first, *_ = pictures(file)
    reds = [one for one in first.convert("RGB").getcolors(1 << 24) or [] if is_red(one[1])]
    assert sum(count for count, _ in reds) > 40 * 40, "9 mm at 203 dpi are 72 dots"
    PaperSettings.objects.create(company=cast.acme, hidden=["picture"])
    _, file = printed(kind, keys, Size.A4)
    first, *_ = pictures(file)
    assert not [one for one in first.convert("RGB").getcolors(1 << 24) or [] if is_red(one[1])]


def is_red(color: Any) -> bool:
    red, green, blue = color
    return bool(red > 170 and green < 70 and blue < 100)


@pytest.mark.parametrize("kind", [Kind.PICKING_LIST, Kind.PICKING_SUMMARY])
def test_items_that_could_not_be_read_are_on_no_picking_list_and_the_paper_says_so(
    book: Book, printed: Printed, kind: Kind
) -> None:
    lost = (Problem(Touches.LINES, "item 2 has no order_item_id"),)
    dear = (Problem(Touches.MONEY, "item_price is missing"),)
    keys = book(
        order("260302GOOD0001", [line(1, "MUG", "Mug")], problems=dear),
        order("260302LOST0001", [line(1, "TEAPOT", "Teapot")], problems=lost),
    )
    paper, file = printed(kind, keys)
    read = text(file)
    assert "MUG" in read
    assert "TEAPOT" not in read
    assert squeezed("Not on this list") in read
    assert (
        squeezed("260302LOST0001: it could not be read whole: item 2 has no order_item_id.") in read
    )
    assert paper.order_count == 1
    assert list(paper.left_out) == ["260302LOST0001"]
    assert not PaperOrder.objects.filter(order=keys[1]).exists()


def test_a_picking_list_of_nothing_but_unread_items_says_why_it_was_not_made(
    cast: Cast, book: Book
) -> None:
    lost = (Problem(Touches.LINES, "item 2 has no order_item_id"),)
    keys = book(order("260302LOST0001", [line(1, "TEAPOT", "Teapot")], problems=lost))
    paper = ask_for(
        cast.acme, cast.pat, Kind.PICKING_LIST, form_key="k", selection={"ids": keys}, size=Size.A6
    )
    make(paper.pk)
    paper.refresh_from_db()
    assert paper.file == ""
    assert "260302LOST0001: it could not be read whole" in paper.failed_words
