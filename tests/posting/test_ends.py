"""A posting that cannot succeed comes to an end that a bookkeeper sees; books that are away are waited for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F

from crossdock.companies.scope import company_scope
from crossdock.posting.models import SqlAccount
from crossdock.posting.status import PostingStatus, posting_status
from crossdock.stores.models import Store
from crossdock.work.lane import drain
from crossdock.work.models import Attempt, Lane, State, Turn
from tests.cast import Cast
from tests.posting.test_post_order import shipped
from tests.posting.working import posted
from tests.sandbox.running import RunningSandbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("unhurried")]


def hours_go_by(rounds: int = 20, seconds: float = 400.0) -> None:
    """Let time go by in steps, and have what is due done."""
    gone = timedelta(seconds=seconds)
    for _ in range(rounds):
        Turn.objects.all().delete()
        SqlAccount.objects.update(compared_at=F("compared_at") - gone)
        Attempt.objects.filter(settled_at__isnull=True).update(
            due_at=F("due_at") - gone,
            sent_at=F("sent_at") - gone,
            created_at=F("created_at") - gone,
        )
        drain(Lane.objects.get(name="sqlaccount").pk)


def test_books_that_always_answer_500_to_a_new_document_are_told_a_few_times_and_then_it_is_red(
    cast: Cast, books: SqlAccount, store: Store, sandbox: RunningSandbox
) -> None:
    with company_scope(cast.acme):
        bad, good = shipped(store, sandbox, 2)
        sandbox.post(
            "/faults", system="sqlaccount", kind="answer", method="POST", path="/salesinvoice",
            order=bad, status=500, body={"error": {"code": 500, "message": "Data too long: emoji"}},
        )  # fmt: skip
        posted(cast, [bad, good], "one")
        assert posting_status() is PostingStatus.IN_PROGRESS
        before = sandbox.get("/stats")["calls"]["sqlaccount POST /salesinvoice"]
        hours_go_by()
        attempts = {one.order.channel_order_id: one for one in Attempt.objects.all()}
        assert attempts[good].state == State.DONE
        assert attempts[bad].state == State.REFUSED
        assert "Data too long: emoji" in attempts[bad].words
        assert attempts[bad].words.startswith("Sent 3 times, and it is not there.")
        assert posting_status() is PostingStatus.FAILED
        after = sandbox.get("/stats")["calls"]["sqlaccount POST /salesinvoice"]
        assert after - before <= 3
    assert [row for row in sandbox.ledger("invoice_create") if row["order_id"] == bad] == []


@pytest.mark.parametrize(
    "away",
    [
        {"kind": "refuse", "code": 401, "message": "Unknown access key", "status": 401},
        {"kind": "answer", "status": 429, "body": "Too many"},
        {
            "kind": "refuse",
            "code": 400,
            "message": "1 concurrent connection allowed, 2 users logged on",
        },
    ],
)
def test_an_unclear_posting_is_asked_about_when_the_books_let_us_in_again(
    cast: Cast, books: SqlAccount, store: Store, sandbox: RunningSandbox, away: dict[str, Any]
) -> None:
    with company_scope(cast.acme):
        (order_id,) = shipped(store, sandbox)
        sandbox.post(
            "/faults", system="sqlaccount", kind="answer", method="POST", status=500, times=1
        )
        posted(cast, [order_id], "one")
        assert Attempt.objects.get().state == State.ASKING
        sandbox.post("/faults", system="sqlaccount", **away)
        hours_go_by(14)
        attempt = Attempt.objects.get()
        assert (attempt.state, attempt.asked) == (State.ASKING, 0)
        assert str(away.get("message", "pause")) in attempt.words
        assert posting_status() is PostingStatus.IN_PROGRESS
        sandbox.control.delete("/faults").raise_for_status()
        hours_go_by(2)
        assert Attempt.objects.get().state == State.DONE
    created = [row["order_id"] for row in sandbox.ledger("invoice_create")]
    assert created.count(order_id) == 1


def test_books_that_cannot_be_reached_are_no_refusal(
    cast: Cast, books: SqlAccount, store: Store, sandbox: RunningSandbox
) -> None:
    with company_scope(cast.acme):
        (order_id,) = shipped(store, sandbox)
        there = books.base_url
        SqlAccount.objects.update(base_url="http://127.0.0.1:9")
        posted(cast, [order_id], "one")
        hours_go_by(15)
        attempt = Attempt.objects.get()
        assert (attempt.state, attempt.tries) == (State.QUEUED, 0)
        assert "could not be reached" in attempt.words
        assert posting_status() is PostingStatus.IN_PROGRESS
        SqlAccount.objects.update(base_url=there)
        hours_go_by(1)
        assert Attempt.objects.get().state == State.DONE


def test_a_licence_that_is_not_free_is_waited_for_in_red(
    cast: Cast, books: SqlAccount, store: Store, sandbox: RunningSandbox
) -> None:
    from crossdock.work.recover import wake_waiting

    with company_scope(cast.acme):
        (order_id,) = shipped(store, sandbox)
        words = "1 concurrent connection allowed, 2 users logged on"
        sandbox.post("/faults", system="sqlaccount", kind="refuse", code=400, message=words)
        (attempt,) = posted(cast, [order_id], "one")
        assert attempt.state == State.WAITING
        assert attempt.words.startswith(words)
        assert "Log somebody out of SQL Account, or buy a seat" in attempt.words
        assert posting_status() is PostingStatus.FAILED
        sandbox.control.delete("/faults").raise_for_status()
        Attempt.objects.update(due_at=F("due_at") - timedelta(minutes=2))
        assert wake_waiting() == 1
        hours_go_by(1)
        assert Attempt.objects.get().state == State.DONE
