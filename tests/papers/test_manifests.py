"""Courier manifests: one a courier, every parcel in one open manifest only, closed when handed over."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from crossdock.orders.models import Order
from crossdock.papers.handing_over import hand_over, leave_out
from crossdock.papers.making import ask_for, make, must_wait
from crossdock.papers.models import Kind, Manifest, Paper, Size
from crossdock.papers.parcels import parcels_of
from crossdock.work.models import Attempt
from crossdock.work.single import begin
from tests.cast import Cast
from tests.papers.conftest import line, order, package, ready
from tests.papers.reading import barcodes, pictures, squeezed, text

pytestmark = pytest.mark.django_db(transaction=True)
Book = Callable[..., list[int]]
Printed = Callable[..., tuple[Paper, Path]]


@pytest.mark.parametrize("size", list(Size))
def test_a_manifest_names_every_parcel_with_a_barcode_that_other_programs_read(
    book: Book, printed: Printed, size: Size
) -> None:
    facts = [ready(number) for number in range(9)]
    _, file = printed(Kind.MANIFEST, book(*facts), size)
    read = text(file)
    seen = [code for picture in pictures(file) for code in barcodes(picture)]
    assert seen == [one.packages[0].tracking_number for one in facts]
    assert [one.order_id for one in facts if one.order_id not in read] == []
    units = sum(one.lines[0].quantity for one in facts)
    assert squeezed(f"9 parcels · {units} units") in read
    assert [word for word in ("Signature", "Name", "Time") if word not in read] == []


def test_each_courier_has_a_manifest_of_its_own(book: Book, printed: Printed) -> None:
    keys = book(ready(1, "SPX Express"), ready(2), ready(3, "SPX Express"))
    paper, _ = printed(Kind.MANIFEST, keys)
    made = [
        (str(one), one.shipment_provider, len(parcels_of(one)))
        for one in Manifest.objects.order_by("pk")
    ]
    assert made == [("M-1", "J&T Express", 1), ("M-2", "SPX Express", 2)]
    assert paper.order_count == 3


def test_a_parcel_is_in_one_open_manifest_only(cast: Cast, book: Book, printed: Printed) -> None:
    keys = book(ready(1), ready(2))
    printed(Kind.MANIFEST, keys[:1])
    paper, file = printed(Kind.MANIFEST, keys)
    assert paper.left_out == {"26030000000001": "26030000000001 is in open manifest M-1 already."}
    listed, _, left_out = text(file).partition("Leftout")
    assert "26030000000001" not in listed
    assert "26030000000001isinopenmanifestM-1already." in left_out
    first = Manifest.objects.order_by("pk")[0]
    assert hand_over(first, cast.pat).is_done
    assert hand_over(first, cast.pat).was_before
    assert printed(Kind.MANIFEST, keys[:1])[0].left_out == {}


def test_what_did_not_go_with_the_courier_is_free_for_the_next_manifest(
    cast: Cast, book: Book, printed: Printed
) -> None:
    keys = book(ready(1), ready(2))
    printed(Kind.MANIFEST, keys)
    manifest = Manifest.objects.get()
    stays = parcels_of(manifest)[0].row
    assert leave_out(manifest, stays.pk, cast.pat)
    assert not leave_out(manifest, stays.pk, cast.pat), "once"
    assert [str(one.row.package) for one in parcels_of(manifest)] == ["P2"]
    assert printed(Kind.MANIFEST, keys[:1])[0].left_out == {}


def test_an_order_that_is_not_ready_is_left_out_and_named(book: Book, printed: Printed) -> None:
    packed = order(
        "260302NOTYET1", [line(1, "MUG", "Mug", package_id="P9")], packages=(package("P9", "T9"),)
    )
    paper, _ = printed(Kind.MANIFEST, book(packed, ready(1)))
    assert paper.left_out == {"260302NOTYET1": "260302NOTYET1 has no parcel that is ready to ship."}


def test_a_job_that_is_done_again_begins_no_second_manifest(book: Book, printed: Printed) -> None:
    paper, _ = printed(Kind.MANIFEST, book(ready(1)))
    make(paper.pk)
    assert Manifest.objects.count() == 1


def test_a_manifest_waits_for_orders_that_were_shipped_a_moment_ago(cast: Cast, book: Book) -> None:
    (key,) = book(ready(1))
    found = Order.objects.select_related("store").get(pk=key)
    attempt, _ = begin(cast.pat, "ship", found)
    Attempt.objects.filter(pk=attempt.pk).update(state="done", unread=True)
    paper = ask_for(
        cast.acme, cast.pat, Kind.MANIFEST, form_key="k", selection={"ids": [key]}, size=Size.A4
    )
    assert must_wait(paper.pk)
    Attempt.objects.update(unread=False)
    assert not must_wait(paper.pk)
