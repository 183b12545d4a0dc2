"""Opening a batch's labels is printing them: noted, counted, asked about the second time, and without
those that died since."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from crossdock.companies.models import Company, Person
from crossdock.companies.scope import company_scope
from crossdock.orders import record
from crossdock.orders.models import FormerNumber, Order
from crossdock.papers import opening
from crossdock.papers.models import LabelOpening, PaperSettings, Separator
from crossdock.papers.opening import Asked, open_labels
from crossdock.rules.facts import PackageFacts, Stage
from crossdock.work.models import Batch
from tests.cast import Cast
from tests.desk.book import order, store_of, take_in
from tests.papers.labelled import fetched, pages

pytestmark = pytest.mark.django_db(transaction=True)
Visit = Callable[..., Any]


@pytest.fixture
def acme(cast: Cast, settings: Any, tmp_path: Path) -> Iterator[Company]:
    """Acme with four orders that are ready, in its scope; its files go to a folder of the test's own."""
    settings.MEDIA_ROOT = tmp_path
    with company_scope(cast.acme):
        take_in(store_of(cast.acme), [ready(number) for number in range(4)])
        yield cast.acme


def ready(number: int, *, stage: Stage = Stage.READY, **more: Any) -> Any:
    parcel = PackageFacts(f"P{number}", "J&T", f"JT{number}")
    return order(number, stage, **{"packages": (parcel,), **more})


def keys() -> list[int]:
    return list(Order.objects.order_by("pk").values_list("pk", flat=True))


def news(acme: Company, *facts: Any) -> None:
    record.take_in_many(
        Order.objects.first().store,  # type: ignore[union-attr]
        [record.Arrived(one) for one in facts],
        fetched_at=record.now(),
    )


@pytest.fixture
def batch(cast: Cast, acme: Company, tmp_path: Path) -> Batch:
    """Labels of all four, fetched by Pat."""
    return fetched(cast.pat, keys(), tmp_path)


@pytest.fixture
def visit(cast: Cast, client: Client) -> Visit:
    """Opens a batch's labels over HTTP, by the address that the button has."""

    def go(found: Batch, who: Person | None = None, method: str = "get", **more: Any) -> Any:
        client.force_login(who or cast.pat)
        return getattr(client, method)(f"/c/acme/papers/{found.pk}.pdf", **more)

    return go


def body(answer: Any) -> bytes:
    assert answer["Content-Type"] == "application/pdf", answer.content.decode()[:2000]
    return b"".join(answer.streaming_content)


def counts() -> list[int]:
    return list(Order.objects.order_by("pk").values_list("printed_count", flat=True))


def notes(key: int) -> list[tuple[str, str]]:
    rows = Order.objects.get(pk=key).history.filter(kind="awb opened").order_by("pk")
    return [(one.text, str(one.person)) for one in rows]


def test_a_label_that_was_fetched_is_ready_and_not_printed(batch: Batch, acme: Company) -> None:
    assert counts() == [0, 0, 0, 0]
    assert not Order.objects.filter(printed_at__isnull=False).exists()


def test_the_first_opening_asks_nothing_is_counted_and_stands_in_every_timeline(
    batch: Batch, acme: Company, cast: Cast, visit: Visit
) -> None:
    assert pages(body(visit(batch))) == ["labelJT0", "labelJT1", "labelJT2", "labelJT3"]
    assert counts() == [1, 1, 1, 1]
    assert notes(keys()[0]) == [("AWB opened for printing.", "Pat Devi")]
    assert {one.printed_by for one in Order.objects.all()} == {cast.pat}


def test_opening_again_by_whoever_and_by_a_copied_address_asks_first_and_then_counts(
    batch: Batch, acme: Company, cast: Cast, visit: Visit
) -> None:
    body(visit(batch))
    for person in (cast.pat, cast.mona):
        asked = visit(batch, person)
        assert asked["Content-Type"].startswith("text/html")
        assert "opened before by Pat Devi at" in asked.content.decode()
    assert counts() == [1, 1, 1, 1], "asking prints nothing"
    assert len(pages(body(visit(batch, cast.mona, "post", data={"sure": "1"})))) == 4
    assert counts() == [2, 2, 2, 2]
    assert notes(keys()[3]) == [
        ("AWB opened for printing.", "Pat Devi"),
        ("AWB opened for printing again, for the 2nd time.", "Mona Lim"),
    ]
    asked = visit(batch).content.decode()
    assert "opened before by Mona Lim at" in asked
    assert "Pat Devi at" in asked


def test_a_viewers_own_requests_open_nothing(batch: Batch, acme: Company, visit: Visit) -> None:
    assert visit(batch, method="head").status_code == 200
    assert visit(batch, headers={"Sec-Purpose": "prefetch"}).status_code == 204
    assert counts() == [0, 0, 0, 0]
    body(visit(batch))
    assert visit(batch, method="head").status_code == 200
    assert body(visit(batch, headers={"Range": "bytes=0-99"}))
    assert counts() == [1, 1, 1, 1]
    assert LabelOpening.objects.count() == 1


def test_a_part_that_somebody_else_asks_for_or_later_is_no_way_round_the_question(
    batch: Batch, acme: Company, cast: Cast, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    body(visit(batch))
    part = {"headers": {"Range": "bytes=0-"}}
    assert "opened before" in visit(batch, cast.mona, **part).content.decode()
    monkeypatch.setattr(opening, "_SAME", -opening._SAME)
    assert "opened before" in visit(batch, cast.pat, **part).content.decode()
    assert counts() == [1, 1, 1, 1]


def test_a_double_click_on_yes_is_one_opening(
    batch: Batch, acme: Company, cast: Cast, visit: Visit
) -> None:
    body(visit(batch))
    for _ in range(2):
        assert body(visit(batch, cast.pat, "post", data={"sure": "1", "form_key": "once"}))
    assert counts() == [2, 2, 2, 2]


def test_two_clicks_on_yes_at_the_same_moment_are_one_opening(
    batch: Batch, acme: Company, cast: Cast, visit: Visit
) -> None:
    body(visit(batch))
    both = Barrier(2)
    answers: list[Any] = []
    found = Batch.objects.select_related("company", "person").get(pk=batch.pk)

    def go(person: Person) -> None:
        both.wait()
        with company_scope(acme):
            answers.append(open_labels(found, person, form_key="once", sure=True))
        connection.close()

    _at_once(go, cast.pat, cast.pat)
    assert len({one.pk for one in answers}) == 1
    assert counts() == [2, 2, 2, 2]


def test_a_form_that_is_sent_once_more_later_is_asked_about_as_any_other(
    batch: Batch, acme: Company, cast: Cast, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    body(visit(batch))
    form = {"sure": "1", "form_key": "once"}
    body(visit(batch, cast.pat, "post", data=form))
    asked = visit(batch, cast.mona, "post", data=form)
    assert "print again?" in asked.content.decode(), "a form of somebody else"
    monkeypatch.setattr(opening, "_SAME", -opening._SAME)
    asked = visit(batch, cast.pat, "post", data=form)
    assert "print again?" in asked.content.decode()
    assert counts() == [2, 2, 2, 2]


def test_a_post_without_a_yes_is_asked(
    batch: Batch, acme: Company, cast: Cast, visit: Visit
) -> None:
    body(visit(batch))
    assert "print again?" in visit(batch, cast.pat, "post", data={}).content.decode()
    assert counts() == [1, 1, 1, 1]


def test_what_died_since_has_no_label_and_is_named_on_a_page_before_the_others(
    batch: Batch, acme: Company, cast: Cast, visit: Visit
) -> None:
    body(visit(batch))
    news(
        acme,
        ready(0, stage=Stage.CANCELLED, packages=()),
        ready(1, cancel_requested=True),
        ready(2, packages=(PackageFacts("P2b", "J&T", "JT2b"),)),
    )
    asked = visit(batch).content.decode()
    for number in (100000, 100001, 100002):
        assert f"{number}</span>" in asked
    read = pages(body(visit(batch, cast.pat, "post", data={"sure": "1"})))
    assert read[1:] == ["labelJT3"]
    assert read[0].startswith("Leftout:3")
    for told in (
        "100000cancelled",
        "100001thebuyeraskstocancel",
        "100002voidlabel:packedagain(JT2b)",
    ):
        assert told in read[0]
    assert counts() == [1, 1, 0, 2]
    told = LabelOpening.objects.latest("pk")
    assert set(told.left_out) == {"100000", "100001", "100002"}
    assert told.order_count == 1


def test_an_order_that_died_before_the_first_opening_has_no_label_either(
    batch: Batch, acme: Company, visit: Visit
) -> None:
    news(acme, ready(1, stage=Stage.CANCELLED, packages=()))
    read = pages(body(visit(batch)))
    assert read[1:] == ["labelJT0", "labelJT2", "labelJT3"]
    assert "100001cancelled" in read[0]
    assert counts() == [1, 0, 1, 1]


def test_where_all_died_the_page_that_names_them_is_all_there_is(
    cast: Cast, acme: Company, tmp_path: Path, visit: Visit
) -> None:
    one = fetched(cast.pat, keys()[:1], tmp_path)
    news(acme, ready(0, stage=Stage.CANCELLED, packages=()))
    (page,) = pages(body(visit(one)))
    assert "100000cancelled" in page
    assert counts() == [0, 0, 0, 0]


def test_a_label_with_a_number_that_was_replaced_since_is_left_out(
    batch: Batch, acme: Company, visit: Visit
) -> None:
    news(acme, ready(1, packages=(PackageFacts("P1", "J&T", "NEW1"),)))
    read = pages(body(visit(batch)))
    assert read[1:] == ["labelJT0", "labelJT2", "labelJT3"]
    assert "100001voidlabel:packedagain(NEW1)" in read[0]


def test_a_label_that_was_fetched_with_the_new_number_is_printed(
    cast: Cast, acme: Company, tmp_path: Path, visit: Visit
) -> None:
    news(acme, ready(1, packages=(PackageFacts("P1", "J&T", "NEW1"),)))
    assert FormerNumber.objects.count() == 1
    one = fetched(cast.pat, keys()[1:2], tmp_path)
    assert pages(body(visit(one))) == ["labelNEW1"]


def test_labels_that_were_opened_elsewhere_since_they_were_fetched_are_asked_about(
    batch: Batch, acme: Company, cast: Cast, tmp_path: Path, visit: Visit
) -> None:
    other = fetched(cast.mona, keys()[:1], tmp_path)
    body(visit(batch))
    asked = visit(other, cast.mona).content.decode()
    assert "<strong>1</strong> was printed before" in asked
    assert counts()[0] == 1


def test_who_was_asked_when_the_batch_began_is_not_asked_once_more(
    batch: Batch, acme: Company, cast: Cast, tmp_path: Path, client: Client, visit: Visit
) -> None:
    body(visit(batch))
    form = {"action": "print_awb", "orders": keys()[:1], "form_key": "again"}
    asked = client.post("/c/acme/orders/act/", form).content.decode()
    assert "1</strong> was printed before" in asked
    client.post("/c/acme/orders/act/", {**form, "sure": "1"})
    told = Batch.objects.latest("pk").options
    again = fetched(cast.pat, keys()[:1], tmp_path, **told)
    assert pages(body(visit(again))) == ["labelJT0"]
    assert counts()[0] == 2


def test_two_who_open_at_the_same_moment_are_both_noted(
    batch: Batch, acme: Company, cast: Cast, visit: Visit
) -> None:
    body(visit(batch))
    both = Barrier(2)
    found = Batch.objects.select_related("company", "person").get(pk=batch.pk)

    def go(person: Person) -> None:
        both.wait()
        with company_scope(acme):
            open_labels(found, person, sure=True)
        connection.close()

    _at_once(go, cast.pat, cast.mona)
    assert counts() == [3, 3, 3, 3]
    assert {who for _, who in notes(keys()[0])} == {"Pat Devi", "Mona Lim"}
    assert len(notes(keys()[0])) == 3


def test_two_first_openings_at_the_same_moment_print_once_and_ask_once(
    batch: Batch, acme: Company, cast: Cast
) -> None:
    both = Barrier(2)
    answers: list[object] = []
    found = Batch.objects.select_related("company", "person").get(pk=batch.pk)

    def go(person: Person) -> None:
        both.wait()
        with company_scope(acme):
            answers.append(open_labels(found, person))
        connection.close()

    _at_once(go, cast.pat, cast.mona)
    assert sorted(isinstance(one, Asked) for one in answers) == [False, True]
    assert counts() == [1, 1, 1, 1]


def test_an_order_that_dies_while_its_labels_are_being_bound_gets_none(
    batch: Batch, acme: Company, cast: Cast, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    bound, times = opening.bound, []

    def slowly(*given: Any) -> str:
        if not times:
            news(acme, ready(1, stage=Stage.CANCELLED, packages=()))
        times.append(1)
        return bound(*given)

    monkeypatch.setattr(opening, "bound", slowly)
    read = pages(body(visit(batch)))
    assert read[1:] == ["labelJT0", "labelJT2", "labelJT3"]
    assert counts() == [1, 0, 1, 1]
    assert len(times) == 2


def test_separators_and_the_page_of_those_left_out_are_on_the_labels_paper(
    batch: Batch, acme: Company, visit: Visit
) -> None:
    PaperSettings.objects.create(company=acme, separator=Separator.COURIER.value)
    news(acme, ready(1, stage=Stage.CANCELLED, packages=()))
    read = pages(body(visit(batch)))
    assert read[0].startswith("Leftout:1")
    assert read[1].startswith("J&T3orders")
    assert len(read) == 5


def test_labels_that_are_not_kept_any_more_are_not_opened(
    batch: Batch, acme: Company, tmp_path: Path, visit: Visit
) -> None:
    for file in (tmp_path / "awb").glob("*.pdf"):
        file.unlink()
    assert visit(batch).status_code == 404
    assert counts() == [0, 0, 0, 0]


def test_the_batchs_page_tells_who_opened_its_labels(
    batch: Batch, acme: Company, cast: Cast, visit: Visit, client: Client
) -> None:
    news(acme, ready(1, stage=Stage.CANCELLED, packages=()))
    body(visit(batch))
    page = client.get(f"/c/acme/batches/{batch.pk}/").content.decode()
    told = page[page.index("Opened for printing") :]
    assert "Pat Devi" in told
    assert "3 orders" in told
    assert "100001</span> cancelled" in told


@pytest.mark.parametrize("who", ["bo", "vic"])
def test_nobody_opens_labels_without_the_right(
    batch: Batch, acme: Company, cast: Cast, visit: Visit, who: str
) -> None:
    for method in ("get", "post", "head"):
        assert visit(batch, getattr(cast, who), method).status_code == 403
    assert counts() == [0, 0, 0, 0]


def _at_once(go: Callable[[Person], None], *people: Person) -> None:
    threads = [Thread(target=go, args=(one,)) for one in people]
    for one in threads:
        one.start()
    for one in threads:
        one.join(timeout=60)
        assert not one.is_alive()
