"""Papers take turns, and one that could not be made says so, is tried again, and can be tried again."""

from __future__ import annotations

import errno
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from crossdock.companies.models import Company, Person
from crossdock.companies.scope import all_companies, company_scope
from crossdock.papers import making, waiting
from crossdock.papers.jobs import look_again, make_paper
from crossdock.papers.making import ask_for, file_of
from crossdock.papers.models import Kind, Paper, Size
from crossdock.papers.waiting import PAUSES, go_on, take
from crossdock.work.jobs import FAST, SLOW
from tests.cast import Cast
from tests.papers.conftest import line, order

pytestmark = pytest.mark.django_db(transaction=True)
Book = Callable[..., list[int]]
FULL = OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture(autouse=True)
def no_other_jobs(transactional_db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pause between two tries."""
    monkeypatch.setattr(waiting, "PAUSES", tuple(timedelta(0) for _ in PAUSES))


def asked(company: Company, person: Person, key: str, ids: list[int]) -> Paper:
    with company_scope(company):
        return ask_for(
            company, person, Kind.PICKING_LIST, form_key=key, selection={"ids": ids}, size=Size.A6
        )


def fresh(paper: Paper) -> Paper:
    with all_companies():
        return Paper.objects.get(pk=paper.pk)


def jobs() -> list[tuple[str, dict[str, Any]]]:
    return list(ProcrastinateJob.objects.order_by("id").values_list("queue_name", "args"))


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The papers that are made, in their order; none of them is really laid out."""
    turns: list[int] = []

    def make(pk: int) -> None:
        turns.append(pk)
        Paper.objects.filter(pk=pk).update(made_at=waiting.Now())

    monkeypatch.setattr(waiting, "make", make)
    return turns


def test_another_persons_paper_waits_for_one_of_fifty(cast: Cast, made: list[int]) -> None:
    pats = [asked(cast.acme, cast.pat, f"pat {n}", []).pk for n in range(50)]
    monas = asked(cast.acme, cast.mona, "mona", []).pk
    assert go_on(large=False) is None
    assert made.index(monas) <= 1
    assert [pk for pk in made if pk != monas] == pats, "each in its own order"


def test_companies_take_turns_whoever_of_them_asks(cast: Cast, made: list[int]) -> None:
    of_acme = {
        asked(cast.acme, person, f"{person.pk} {n}", []).pk
        for n in range(5)
        for person in (cast.pat, cast.mona, cast.alice)
    }
    of_bolt = [asked(cast.bolt, cast.charlie, f"charlie {n}", []).pk for n in range(4)]
    go_on(large=False)
    assert [pk in of_acme for pk in made[:8]] == [True, False] * 4
    assert [pk for pk in made if pk in of_bolt] == of_bolt


def test_a_large_paper_is_made_beside_the_batches_and_no_small_one_waits_for_it(
    cast: Cast, book: Book, made: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "LARGE", 2)
    keys = book(*(order(f"26030{n}", [line(1, "MUG", "Mug")]) for n in range(3)))
    large = asked(cast.acme, cast.pat, "large", keys)
    small = asked(cast.acme, cast.mona, "small", keys[:1])
    assert [queue for queue, _ in jobs()] == [SLOW, FAST]
    go_on(large=False)
    assert made == [small.pk]
    go_on(large=True)
    assert made == [small.pk, large.pk]


def test_where_another_makes_papers_already_this_job_ends(cast: Cast, made: list[int]) -> None:
    asked(cast.acme, cast.pat, "one", [])
    held, done = threading.Event(), threading.Event()

    def other() -> None:
        with waiting._alone(False):
            held.set()
            done.wait(20)
        connection.close()

    thread = threading.Thread(target=other)
    thread.start()
    held.wait(20)
    assert go_on(large=False) is None
    assert made == []
    done.set()
    thread.join(20)


def test_what_came_while_a_job_ended_is_not_left_lying(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other job has met us at it, and gone: we look once more after giving the place back."""
    asked(cast.acme, cast.pat, "one", [])
    with monkeypatch.context() as blind:
        blind.setattr(waiting, "take", lambda **_: None)
        assert go_on(large=False) == 0.0


def test_a_full_disk_is_told_tried_again_by_itself_and_then_by_a_button(
    cast: Cast, book: Book, client: Client, monkeypatch: pytest.MonkeyPatch, at_once: None
) -> None:
    (key,) = book(order("260302AB", [line(1, "MUG", "Mug")]))
    paper = asked(cast.acme, cast.pat, "one", [key])

    def full(*_: Any) -> None:
        raise FULL

    with monkeypatch.context() as broken:
        broken.setattr(making, "typeset", full)
        go_on(large=False)
    client.force_login(cast.pat)
    page = client.get(f"/c/acme/papers/made/{paper.pk}/").content.decode()
    assert "It could not be made: there is no room left on the disk" in page
    assert "Try again" in page
    assert client.post(f"/c/acme/papers/made/{paper.pk}/again/").status_code == 302
    assert "being made" in client.get(f"/c/acme/papers/made/{paper.pk}/").content.decode()
    assert go_on(large=False) is None
    assert file_of(fresh(paper)) is not None


def test_a_try_that_fails_is_told_while_the_next_one_is_waited_for(
    cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper = asked(cast.acme, cast.pat, "one", [])

    def broken(_: int) -> None:
        raise ValueError("a secret of ours")

    monkeypatch.setattr(waiting, "make", broken)
    pause = go_on(large=False)
    assert pause is not None
    assert 0 < pause <= PAUSES[0].total_seconds()
    client.force_login(cast.pat)
    page = client.get(f"/c/acme/papers/made/{paper.pk}/").content.decode()
    assert "being made" in page
    assert "The last try failed" in page
    assert "a secret of ours" not in page


def test_it_is_given_up_after_a_few_tries_and_holds_up_nobody_meanwhile(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, at_once: None
) -> None:
    bad, good = asked(cast.acme, cast.pat, "bad", []), asked(cast.acme, cast.mona, "good", [])
    tried: list[int] = []

    def make(pk: int) -> None:
        tried.append(pk)
        if pk == bad.pk:
            raise ValueError
        Paper.objects.filter(pk=pk).update(made_at=waiting.Now())

    monkeypatch.setattr(waiting, "make", make)
    assert go_on(large=False) is None
    assert tried.count(bad.pk) == len(PAUSES) + 1
    assert tried.index(good.pk) <= 1
    assert fresh(bad).failed_words.startswith("something went wrong")


def test_a_paper_that_kills_whoever_makes_it_is_given_up_too(cast: Cast) -> None:
    paper = asked(cast.acme, cast.pat, "one", [])
    for _ in range(len(PAUSES) + 1):
        begun = take(large=False)
        assert begun is not None
        assert begun.pk == paper.pk
    assert take(large=False) is None
    assert "ended in the middle" in fresh(paper).failed_words


def test_pressing_try_again_twice_is_one_try(cast: Cast, client: Client) -> None:
    paper = asked(cast.acme, cast.pat, "one", [])
    with company_scope(cast.acme):
        Paper.objects.filter(pk=paper.pk).update(failed_words="no room")
    before = len(jobs())
    client.force_login(cast.pat)
    for _ in range(2):
        client.post(f"/c/acme/papers/made/{paper.pk}/again/")
    assert len(jobs()) == before + 1


def test_a_paper_whose_job_was_lost_is_found_again(cast: Cast) -> None:
    paper = asked(cast.acme, cast.pat, "one", [])
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    look_again(timestamp=0)
    assert jobs() == [], "it is not overdue yet"
    with company_scope(cast.acme):
        Paper.objects.filter(pk=paper.pk).update(due_at=waiting.Now() - timedelta(minutes=1))
    look_again(timestamp=0)
    assert [args["paper_id"] for _, args in jobs()] == [paper.pk]


def test_the_job_comes_back_for_what_is_due_later(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper = asked(cast.acme, cast.pat, "one", [])
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    monkeypatch.setattr(waiting, "go_on", lambda **_: 2.0)
    make_paper(company_id=cast.acme.pk, paper_id=paper.pk)
    (job,) = ProcrastinateJob.objects.all()
    assert job.scheduled_at is not None


def test_a_real_click_is_a_paper_within_moments(
    cast: Cast, book: Book, store: Any, tmp_path: Path
) -> None:
    (key,) = book(order("260302AB", [line(1, "MUG", "Mug")]))
    paper = asked(cast.acme, cast.pat, "one", [key])
    began = time.monotonic()
    make_paper(company_id=cast.acme.pk, paper_id=paper.pk)
    assert file_of(fresh(paper)) is not None
    assert time.monotonic() - began < 20
