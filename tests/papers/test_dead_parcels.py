"""A parcel that died on a manifest: marked, not counted, on no paper that is made now, and asked about
before it is handed over."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from crossdock.companies.models import Person
from crossdock.companies.scope import company_scope
from crossdock.orders.models import Order
from crossdock.orders.record import locked
from crossdock.papers import handing_over
from crossdock.papers.handing_over import Answer, hand_over
from crossdock.papers.making import file_of, make
from crossdock.papers.models import Kind, Manifest, ManifestParcel, Paper
from crossdock.papers.parcels import parcels_of
from crossdock.rules.facts import LineFacts, OrderFacts, PackageFacts, Stage
from tests.cast import Cast
from tests.kept import place_of
from tests.papers.conftest import line, order, package, ready
from tests.papers.reading import squeezed, text

pytestmark = pytest.mark.django_db(transaction=True)
Book = Callable[..., list[int]]
Printed = Callable[..., tuple[Paper, Path]]
ID = "26030000000001"


def cancelled(number: int, **more: Any) -> OrderFacts:
    """The same order after it was cancelled, as Lazada tells it: its package is nobody's."""
    facts = ready(number)
    dead = tuple(replace(one, stage=Stage.CANCELLED) for one in facts.lines)
    return replace(facts, lines=dead, **{"packages": (), **more})


def asking(number: int) -> OrderFacts:
    return ready(number, cancel_requested=True)


def repacked(number: int) -> OrderFacts:
    facts = ready(number, packages=(package(f"P{number}b", f"NEW{number}"),))
    lines = tuple(replace(one, package_id=f"P{number}b") for one in facts.lines)
    return replace(facts, lines=lines)


DEATHS = {
    "cancelled": (cancelled, "cancelled"),
    "cancelled, and its package stays": (
        lambda number: cancelled(number, packages=ready(number).packages),
        "cancelled",
    ),
    "asked to be": (asking, "the buyer asks to cancel"),
    "packed again": (repacked, "void: packed again as NEW1"),
    "being stopped": (
        lambda number: replace(
            ready(number),
            lines=tuple(replace(one, stage=Stage.HELD) for one in ready(number).lines),
        ),
        "being stopped by the marketplace",
    ),
}


@pytest.fixture
def manifest(book: Book, printed: Printed) -> Manifest:
    """An open manifest of three parcels, on paper."""
    printed(Kind.MANIFEST, book(ready(1), ready(2), ready(3)))
    return Manifest.objects.get()


@pytest.fixture
def look(cast: Cast, client: Client, manifest: Manifest) -> Callable[..., str]:
    """The manifest's page, or what it answers to a form."""
    client.force_login(cast.pat)

    def shown(**form: Any) -> str:
        address = f"/c/acme/papers/manifests/{manifest.pk}/"
        answer = client.post(address, form) if form else client.get(address)
        return answer.content.decode()

    return shown


def row(html: str, order_id: str = ID) -> str:
    found = re.search(rf'<tr data-order-id="{order_id}".*?</tr>', html, re.DOTALL)
    assert found, f"{order_id} has no row"
    return found[0]


def marks(html: str) -> list[str]:
    return re.findall(r'name="seen" value="([^"]+)"', html)


def history(order_id: str = ID) -> list[str]:
    found = Order.objects.get(channel_order_id=order_id)
    return [one.text for one in found.history.filter(kind__in=("manifest", "handed over"))]


@pytest.mark.parametrize("how", list(DEATHS))
def test_a_parcel_that_died_is_marked_in_words_struck_through_and_not_counted(
    book: Book, manifest: Manifest, look: Callable[..., str], how: str
) -> None:
    assert "dead" not in row(look())
    facts, words = DEATHS[how]
    book(facts(1))
    html = look()
    assert words in row(html)
    assert f"<s>{ID}</s>" in row(html)
    assert 'class="dead"' in row(html)
    assert "2 parcels" in html
    assert "<s>" not in row(html, "26030000000002")


@pytest.mark.parametrize("how", list(DEATHS))
def test_handed_over_asks_about_a_dead_parcel_and_closes_nothing_before_the_answer(
    cast: Cast, book: Book, manifest: Manifest, look: Callable[..., str], how: str
) -> None:
    facts, words = DEATHS[how]
    book(facts(1))
    asked = look(hand_over="1")
    assert "take it out?" in asked
    assert ID in asked
    assert words in asked
    manifest.refresh_from_db()
    assert manifest.handed_over_at is None
    look(hand_over="1", dead="take-out", seen=marks(asked))
    manifest.refresh_from_db()
    assert manifest.handed_over_by == cast.pat
    assert [str(one.row.package.order) for one in parcels_of(manifest)] == [
        "26030000000002",
        "26030000000003",
    ]
    assert history()[-1] == f"Taken out of manifest M-1: {words}."
    assert history("26030000000002")[-1] == "Handed over to J&T Express on manifest M-1."
    assert ID in look()[look().index("Taken out") :]


def test_the_question_counts_each_kind_and_names_the_orders(
    book: Book, manifest: Manifest, look: Callable[..., str]
) -> None:
    book(cancelled(1), asking(2))
    asked = look(hand_over="1")
    assert "1 was cancelled, 1 asks to cancel: take them out?" in asked
    assert "26030000000001" in asked
    assert "26030000000002" in asked
    assert "26030000000003" not in asked


def test_a_manifest_without_a_dead_parcel_is_handed_over_without_a_question(
    cast: Cast, manifest: Manifest, look: Callable[..., str]
) -> None:
    look(hand_over="1")
    manifest.refresh_from_db()
    assert manifest.handed_over_by == cast.pat


@pytest.mark.parametrize(
    "form",
    [
        {"hand_over": "1"},
        {"hand_over": "1", "dead": "with-them"},
        {"hand_over": "1", "dead": "take-out"},
        {"hand_over": "1", "dead": "with-them", "seen": ["1-cancelled"]},
        {"hand_over": "1", "dead": "yes", "seen": "all"},
    ],
)
def test_no_form_closes_a_manifest_over_a_dead_parcel_that_it_does_not_name(
    book: Book, manifest: Manifest, look: Callable[..., str], form: dict[str, Any]
) -> None:
    book(asking(1))
    assert "take it out?" in look(**form)
    manifest.refresh_from_db()
    assert manifest.handed_over_at is None
    assert ManifestParcel.objects.filter(is_open=True).count() == 3


def test_handing_over_with_them_is_a_choice_of_its_own_and_is_noted(
    book: Book, manifest: Manifest, look: Callable[..., str]
) -> None:
    book(asking(1))
    look(hand_over="1", dead="with-them", seen=marks(look(hand_over="1")))
    manifest.refresh_from_db()
    assert manifest.handed_over_at is not None
    assert history()[-1] == (
        "Handed over to J&T Express on manifest M-1, though: the buyer asks to cancel."
    )
    assert "handed over all the same" in row(look())


def test_an_order_that_dies_between_the_question_and_the_answer_is_asked_about(
    book: Book, manifest: Manifest, look: Callable[..., str]
) -> None:
    book(cancelled(1))
    seen = marks(look(hand_over="1"))
    book(asking(2))
    again = look(hand_over="1", dead="take-out", seen=seen)
    assert "It changed since you were asked" in again
    assert len(marks(again)) == 2
    manifest.refresh_from_db()
    assert manifest.handed_over_at is None


@pytest.mark.parametrize("now", [cancelled, ready])
def test_what_became_of_a_request_between_question_and_answer_is_asked_about_anew(
    book: Book, manifest: Manifest, look: Callable[..., str], now: Callable[[int], OrderFacts]
) -> None:
    book(asking(1), asking(2))
    seen = marks(look(hand_over="1"))
    book(now(1))
    assert "take" in look(hand_over="1", dead="take-out", seen=seen)
    manifest.refresh_from_db()
    assert manifest.handed_over_at is None
    assert len(parcels_of(manifest)) == 3


def test_the_book_is_compared_under_the_orders_locks(
    cast: Cast, book: Book, manifest: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def a_moment_before(order_ids: Any) -> list[Order]:
        book(cancelled(1))
        return locked(order_ids)

    monkeypatch.setattr(handing_over, "locked", a_moment_before)
    done = hand_over(manifest, cast.pat, Answer(frozenset(), takes_out=False))
    assert not done.is_done
    assert [str(one.row.package.order) for one in done.dead] == [ID]


def test_two_who_hand_over_at_the_same_moment_close_it_once(
    cast: Cast, book: Book, manifest: Manifest
) -> None:
    book(cancelled(1))
    seen = frozenset(one.mark for one in parcels_of(manifest) if one.is_dead)
    both, ends = Barrier(2), list[bool]()

    def go(person: Person) -> None:
        both.wait()
        with company_scope(cast.acme):
            ends.append(hand_over(manifest, person, Answer(seen, takes_out=True)).is_done)
        connection.close()

    threads = [Thread(target=go, args=(one,)) for one in (cast.pat, cast.mona)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(timeout=60)
    assert sorted(ends) == [False, True]
    assert [words for words in history() if "Taken out" in words] == [
        "Taken out of manifest M-1: cancelled."
    ]
    assert len(history("26030000000002")) == 2


def test_a_closed_manifest_still_tells_what_died_afterwards(
    book: Book, manifest: Manifest, look: Callable[..., str], client: Client
) -> None:
    look(hand_over="1")
    book(cancelled(1))
    html = look()
    assert "1 was cancelled." in html
    assert "cancelled, after the hand-over" in row(html)
    listed = client.get("/c/acme/papers/manifests/").content.decode()
    assert "1 cancelled since" in listed


def test_the_list_of_manifests_counts_the_living_and_names_the_dead(
    book: Book, manifest: Manifest, look: Callable[..., str], client: Client
) -> None:
    book(cancelled(1), asking(2))
    look()
    listed = client.get("/c/acme/papers/manifests/").content.decode()
    assert re.search(r'right">1 <span class="badge bad">.*?2 to keep here', listed, re.DOTALL)


@pytest.mark.parametrize("how", ["cancelled", "asked to be", "packed again", "being stopped"])
def test_printed_again_a_manifest_leaves_out_what_died_and_names_it(
    cast: Cast, book: Book, manifest: Manifest, client: Client, how: str
) -> None:
    client.force_login(cast.pat)
    facts, _words = DEATHS[how]
    paper = Paper.objects.get()
    before = client.get(f"/c/acme/papers/made/{paper.pk}.pdf")
    assert before["Content-Type"] == "application/pdf"
    book(facts(1))
    for door in (f"/c/acme/papers/made/{paper.pk}.pdf", f"/c/acme/papers/made/{paper.pk}/"):
        answer = client.get(door, follow=True)
        assert "It is being made" in answer.content.decode(), "the file of before is not shown"
    make(paper.pk)
    answer = client.get(f"/c/acme/papers/made/{paper.pk}/", follow=True)
    (read,) = [_read(answer)]
    assert "2parcels" in read
    assert "JT0000000001MY" not in read.partition("Leftout")[0]
    assert f"{ID}JT0000000001MY" in read.partition("Leftout")[2]


def _read(answer: Any) -> str:
    import pypdfium2

    with pypdfium2.PdfDocument(b"".join(answer.streaming_content)) as opened:
        return squeezed("".join(page.get_textpage().get_text_bounded() for page in opened))


def test_what_is_left_out_of_a_manifest_that_is_empty_now_is_named_on_the_next_one(
    cast: Cast, book: Book, printed: Printed
) -> None:
    paper, _ = printed(Kind.MANIFEST, book(ready(1, "SPX"), ready(2)))
    book(cancelled(1))
    make(paper.pk)
    paper.refresh_from_db()
    assert squeezed(f"{ID} JT0000000001MY: cancelled") in text(place_of(file_of(paper)))


def test_a_manifest_whose_parcels_all_live_is_not_made_anew(
    cast: Cast, manifest: Manifest, client: Client
) -> None:
    client.force_login(cast.pat)
    paper = Paper.objects.get()
    answer = client.get(f"/c/acme/papers/made/{paper.pk}/", follow=True)
    assert answer["Content-Type"] == "application/pdf"


def test_where_all_died_the_paper_says_why_it_is_empty(
    cast: Cast, book: Book, manifest: Manifest, client: Client
) -> None:
    client.force_login(cast.pat)
    book(cancelled(1), cancelled(2), asking(3))
    paper = Paper.objects.get()
    client.get(f"/c/acme/papers/made/{paper.pk}/")
    make(paper.pk)
    shown = client.get(f"/c/acme/papers/made/{paper.pk}/").content.decode()
    assert f"{ID}: cancelled." in shown


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (cancelled(1), f"{ID}: cancelled."),
        (cancelled(1, packages=ready(1).packages), f"{ID}: cancelled."),
        (asking(1), f"{ID}: the buyer asks to cancel."),
    ],
)
def test_what_is_dead_comes_on_no_new_manifest_and_is_named(
    book: Book, printed: Printed, facts: OrderFacts, words: str
) -> None:
    paper, file = printed(Kind.MANIFEST, book(facts, ready(2)))
    assert paper.left_out == {ID: words}
    assert [len(parcels_of(one)) for one in Manifest.objects.all()] == [1]
    read = text(file)
    assert squeezed(words) in read.partition("Leftout")[2]


def test_one_parcel_of_a_split_order_that_was_cancelled_keeps_the_other_going(
    book: Book, printed: Printed
) -> None:
    def half(number: int, stage: Stage) -> LineFacts:
        return line(number, "MUG", "Mug", stage=stage, package_id=f"H{number}")

    parcels = tuple(PackageFacts(f"H{n}", "J&T Express", f"T{n}") for n in (1, 2))
    keys = book(order("SPLIT", [half(1, Stage.READY), half(2, Stage.READY)], packages=parcels))
    printed(Kind.MANIFEST, keys)
    book(order("SPLIT", [half(1, Stage.CANCELLED), half(2, Stage.READY)], packages=parcels))
    (manifest,) = Manifest.objects.all()
    assert [(str(one.row.package), str(one.told)) for one in parcels_of(manifest)] == [
        ("H1", "cancelled"),
        ("H2", ""),
    ]


def test_the_timeline_tells_of_a_manifest_from_the_first_to_the_last(
    book: Book, manifest: Manifest, look: Callable[..., str]
) -> None:
    stays = parcels_of(manifest)[0].row
    look(leave_out=str(stays.pk))
    look(hand_over="1")
    assert history() == [
        "Put on manifest M-1 for J&T Express.",
        "Taken out of manifest M-1: it did not go with the courier.",
    ]
    assert history("26030000000002") == [
        "Put on manifest M-1 for J&T Express.",
        "Handed over to J&T Express on manifest M-1.",
    ]
