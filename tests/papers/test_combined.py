"""A parcel of two orders has one label, one row on a manifest and one scan, whichever of them is meant."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crossdock.companies.scope import company_scope
from crossdock.orders.models import Order
from crossdock.papers.making import ask_for, file_of, make
from crossdock.papers.models import (
    Kind,
    LabelOpening,
    ManifestParcel,
    PaperSettings,
    Separator,
    Size,
)
from crossdock.papers.opening import file_of_opening, open_labels
from crossdock.papers.reprints import printed_before
from crossdock.rules.facts import Stage
from crossdock.scanning.models import Answer
from crossdock.scanning.scan import scan, sheet_of
from crossdock.scanning.verdict import verdict_on
from crossdock.work.models import State
from tests.actions.stage import OnDesk, work
from tests.cast import Cast, linked_store
from tests.kept import place_of
from tests.papers.reading import barcodes, pages, pictures, text
from tests.papers.test_bad_labels import closed, codes_in, folder
from tests.sandbox.running import RunningSandbox

__all__ = ["folder"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk(cast: Cast, sandbox: RunningSandbox, unhurried: None) -> Iterator[OnDesk]:
    """Acme's TikTok Shop store, in Acme's scope: the one channel that combines."""
    store = linked_store(cast.acme, sandbox, "tiktok-my")
    with company_scope(cast.acme):
        yield OnDesk(sandbox, cast, store)


@pytest.fixture
def together(desk: OnDesk) -> tuple[Order, Order]:
    """Two orders in one parcel, arranged for their courier."""
    first = desk.orders()[0]
    second = desk.orders(combine_with=first.channel_order_id)[0]
    first = desk.read(first)
    desk.packed(first), desk.packed(second)
    desk.shipped(first)
    return desk.read(first), desk.until(second, Stage.READY)


def printed(desk: OnDesk, *orders: Order) -> tuple[dict[int, str], Path | None]:
    """Print AWB of these orders, and open the PDF; the words of each, and the file."""
    batch = desk.begin("print_awb", *orders)
    work()
    attempts, _ = closed(batch)
    assert {one.state for one in attempts.values()} == {State.DONE}
    opening = open_labels(batch, desk.cast.pat, sure=True)
    assert isinstance(opening, LabelOpening)
    return {pk: one.words for pk, one in attempts.items()}, place_of(file_of_opening(opening))


def counts(*orders: Order) -> list[int]:
    return [Order.objects.get(pk=one.pk).printed_count for one in orders]


def number(order: Order) -> str:
    return str(order.packages.get(voided_at__isnull=True).tracking_number)


def test_both_orders_printed_together_are_one_label_and_each_counts_once(
    desk: OnDesk, together: tuple[Order, Order]
) -> None:
    alone = desk.shipped(desk.orders()[0])
    words, file = printed(desk, together[0], alone, together[1])
    assert sorted(codes_in(file)) == sorted([number(alone), number(together[0])])
    assert counts(*together, alone) == [1, 1, 1]
    for order, other in (together, together[::-1]):
        assert f"One parcel with order {other.channel_order_id}" in words[order.pk]
    assert words[alone.pk] == ""


@pytest.mark.parametrize("place", [0, 1])
def test_one_of_them_printed_is_both_printed_and_the_other_one_is_a_reprint(
    desk: OnDesk, together: tuple[Order, Order], place: int
) -> None:
    chosen, other = together[place], together[1 - place]
    _, file = printed(desk, chosen)
    assert codes_in(file) == [number(chosen)]
    assert counts(chosen, other) == [1, 1]
    assert other.history.filter(text__contains="another order of the same parcel").count() == 1
    other = Order.objects.get(pk=other.pk)
    (again,) = printed_before([other])
    assert (again.order_id, again.times) == (other.channel_order_id, 1)
    _, file = printed(desk, other)
    assert codes_in(file) == [number(chosen)]
    assert counts(chosen, other) == [2, 2]


@pytest.mark.parametrize("separator", [Separator.COURIER, Separator.WAVE])
def test_a_separator_page_names_and_counts_both_orders(
    desk: OnDesk, together: tuple[Order, Order], separator: Separator
) -> None:
    PaperSettings.objects.update_or_create(
        company=desk.cast.acme, defaults={"separator": separator.value}
    )
    printed(desk, together[0])
    _, file = printed(desk, *together)
    assert file is not None
    assert pages(file) == 2
    told = text(file)
    assert all(one.channel_order_id in told for one in together)


def test_an_order_on_another_picking_list_leaves_no_page_without_a_label(
    desk: OnDesk, together: tuple[Order, Order]
) -> None:
    PaperSettings.objects.update_or_create(
        company=desk.cast.acme, defaults={"separator": Separator.WAVE.value, "awb_size": ""}
    )
    for order in together:
        make(
            ask_for(
                desk.cast.acme, desk.cast.pat, Kind.PICKING_LIST, form_key=f"list-{order.pk}",
                selection={"ids": [order.pk]}, size=Size.A6,
            ).pk
        )  # fmt: skip
    _, file = printed(desk, *together)
    assert file is not None
    assert pages(file) == 2, "one separator and one label"


def manifest(desk: OnDesk, key: str, *orders: Order) -> tuple[list[ManifestParcel], str | None]:
    paper = ask_for(
        desk.cast.acme, desk.cast.pat, Kind.MANIFEST, form_key=key,
        selection={"ids": [one.pk for one in orders]}, size=Size.A4,
    )  # fmt: skip
    make(paper.pk)
    paper.refresh_from_db()
    return list(ManifestParcel.objects.filter(manifest__paper=paper)), file_of(paper)


def test_a_manifest_lists_the_parcel_once_and_names_both_orders(
    desk: OnDesk, together: tuple[Order, Order]
) -> None:
    rows, name = manifest(desk, "one", *together)
    assert len(rows) == 1
    assert name is not None
    file = place_of(name)
    assert [code for picture in pictures(file) for code in barcodes(picture)].count(
        number(together[0])
    ) == 1
    told = text(file)
    assert all(one.channel_order_id in told for one in together)
    units = sum(one.units for one in together)
    assert str(units) in told
    rows, name = manifest(desk, "two", together[1])
    assert (rows, name) == ([], None), "its parcel is in an open manifest already"


def test_a_scan_of_the_parcel_asks_nothing_and_ships_it_once(desk: OnDesk, cast: Cast) -> None:
    first = desk.orders()[0]
    second = desk.orders(combine_with=first.channel_order_id)[0]
    first = desk.read(first)
    first, second = desk.packed(first), desk.packed(second)
    code = first.packages.get(voided_at__isnull=True).package_id
    kept, verdict = scan(sheet_of(cast.acme, cast.pat), cast.pat, code, nonce="n1")
    assert verdict is not None
    assert (verdict.answer, verdict.choices) == (Answer.READY, ())
    assert all(one.channel_order_id in kept.words for one in (first, second))
    work()
    assert {desk.until(one, Stage.READY).tab for one in (first, second)} == {"to-ship"}
    rows = [*desk.ledger(first, "ship"), *desk.ledger(second, "ship")]
    assert len(rows) == 2, "one call, a row for each order"
    for again in (code, number(first)):
        told = verdict_on(again)
        assert (told.answer, told.choices) == (Answer.ALREADY, ())


def test_both_orders_shipped_in_one_batch_name_the_parcel_once(desk: OnDesk) -> None:
    first = desk.orders()[0]
    second = desk.orders(combine_with=first.channel_order_id)[0]
    first = desk.read(first)
    first, second = desk.packed(first), desk.packed(second)
    batch = desk.begin("ship", first, second)
    work()
    attempts, _ = closed(batch)
    assert {one.state for one in attempts.values()} <= {State.DONE, State.ALREADY}
    assert len(desk.ledger(first, "ship")) == 1
    assert len(desk.ledger(second, "ship")) == 1


def test_an_order_in_the_parcel_that_is_asked_to_be_cancelled_is_told_loudly(desk: OnDesk) -> None:
    first = desk.orders()[0]
    second = desk.orders(combine_with=first.channel_order_id)[0]
    first = desk.packed(desk.read(first))
    desk.packed(second)
    desk.event(second, "request_cancel")
    desk.read(second)
    verdict = verdict_on(first.packages.get(voided_at__isnull=True).package_id)
    assert verdict.answer is Answer.CANCELLED
    assert verdict.found is not None
    assert verdict.found.order.pk == second.pk
