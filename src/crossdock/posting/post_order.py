"""Post Order: one finished order into SQL Account, exactly once.

Numbers are reserved in our own book, and both documents written down, before anything is sent.
Before a create the books are asked for the number; a lost answer is settled by asking again
(``in_the_books``). An order whose billed facts changed has the same documents brought up to date.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from crossdock.channels.errors import ChannelError, TokenDead
from crossdock.companies.rights import Deed
from crossdock.orders import history
from crossdock.orders.models import Order
from crossdock.posting import in_the_books, mapping, turns
from crossdock.posting.building import as_sent, documents_of, may_be_posted, reserve
from crossdock.posting.connect import client_of
from crossdock.posting.keeping import keep
from crossdock.posting.models import SqlAccount
from crossdock.posting.ours import NOT_OURS
from crossdock.posting.sqlaccount.client import Client
from crossdock.posting.whose_books import others_answer
from crossdock.rules.invoice import CentGate
from crossdock.rules.invoice_lines import NoCode
from crossdock.work.action import Ended, LanePlan, Outcome, Refusal, Seen, Unanswered, unanswered
from crossdock.work.models import Attempt, Batch, State

POSTED_ALREADY = "Posted already, and unchanged since."
_AT_ONCE = 4
"""Orders whose documents one thread of the lane writes, one after the other."""
_THREADS = 2
"""While one waits for an answer, the other makes ready: the books are never idle, and never called
twice at once (``turns``)."""
_LONGEST = 8.0
"""Seconds after which a thread begins no further order: a call must come back within 20."""


class PostOrder:
    """The button Post Order."""

    name = "post"
    title = "Post Order"
    deed = Deed.POST
    settle_after = timedelta(seconds=60)

    def lane(self, order: Order, priority: int) -> LanePlan:
        """One per company."""
        return LanePlan(
            name="sqlaccount",
            pace=turns.limit_of(order.company_id),
            in_flight=_THREADS,
            per_call=_AT_ONCE,
        )

    def refusal(self, order: Order, options: Mapping[str, Any]) -> Refusal | None:
        verdict = may_be_posted(order)
        if order.archived:
            return Refusal(State.ALREADY, POSTED_ALREADY)
        if not verdict.ok:
            return Refusal(State.REFUSED, f"Not posted: {verdict.why}.")
        try:
            made = documents_of(order)
        except (mapping.Unmapped, NoCode, CentGate) as problem:
            return Refusal(State.REFUSED, str(problem))
        if made.invoice is None and not mapping.connection().include_cancelled:
            return Refusal(State.ALREADY, "Left out: cancelled orders are not included.")
        return None

    def sending(self, order: Order, attempt: Attempt) -> Mapping[str, Any]:
        made = documents_of(order)
        reserve(order, made)
        return {**as_sent(order, made), "put_right": bool(attempt.options.get("put_right"))}

    def call(self, attempts: Sequence[Attempt]) -> Mapping[int, Outcome]:
        """One order after the other, once it is clear that these are the books that were connected.
        Those that no time is left for go back into the queue unsent."""
        began = time.monotonic()
        books = mapping.connection()
        try:
            client = client_of(books, turn_is_taken=True)
        except TokenDead as lost:
            return dict.fromkeys([one.pk for one in attempts], in_the_books.nothing_sent(lost))
        if stop := _stopped(books, client, since=_begun(attempts)):
            return {attempt.pk: stop for attempt in attempts}
        outcomes = {}
        for attempt in attempts:
            if time.monotonic() - began > _LONGEST:
                outcomes[attempt.pk] = Outcome(State.QUEUED, "Waiting for a turn.", counts=False)
            else:
                outcomes[attempt.pk] = _brought_about(books, client, attempt)
        return outcomes

    def ask(self, attempts: Sequence[Attempt]) -> Mapping[int, Seen]:
        """Nothing is asked of other books than those that were connected."""
        books = mapping.connection()
        client = client_of(books)
        if others_answer(books, client, since=_begun(attempts)):
            nobody = Unanswered(books.trouble, counts=False)
            return dict.fromkeys([attempt.pk for attempt in attempts], nobody)
        seen: dict[int, Seen] = {}
        for attempt in attempts:
            try:
                seen[attempt.pk] = in_the_books.look_for(
                    client, attempt.sent, attempt.order, era=books.era
                )
            except ChannelError as error:
                seen[attempt.pk] = unanswered(error)
        return seen

    def record(self, ended: Sequence[Ended]) -> None:
        for one in ended:
            if isinstance(one.outcome, Outcome) and one.outcome.evidence:
                keep(one)
        history.note_all(
            _entry(one)
            for one in ended
            if one.attempt.state not in (State.WAITING, State.CANCELLED)
        )

    def reread(self, attempts: Sequence[Attempt]) -> None:
        """Posting changes no order at its channel."""

    def finish(self, batch: Batch) -> None:
        """Nothing is made of a run: its outcomes are the posting history."""


def _begun(attempts: Sequence[Attempt]) -> datetime:
    """When the newest run among these began."""
    began = (attempt.batch.started_at for attempt in attempts if attempt.batch)
    return max(began, default=timezone.now())


def _stopped(books: SqlAccount, client: Client, *, since: datetime) -> Outcome | None:
    """What becomes of orders that cannot go to these books now; None where they can."""
    try:
        return (
            Outcome(State.WAITING, books.trouble)
            if others_answer(books, client, since=since)
            else None
        )
    except ChannelError as error:
        return in_the_books.nothing_sent(error)


def _brought_about(books: SqlAccount, client: Client, attempt: Attempt) -> Outcome:
    if attempt.sent["era"] != books.era:
        return Outcome(State.QUEUED, "Made ready anew: other books were connected.")
    outcome = in_the_books.bring_about(client, attempt.sent, attempt.order, era=books.era)
    if outcome.code == NOT_OURS:  # or are these other books since a moment ago?
        return _stopped(books, client, since=timezone.now()) or outcome
    return outcome


def _entry(ended: Ended) -> history.Entry:
    """What the order's history says of it."""
    attempt = ended.attempt
    done = attempt.state is State.DONE
    good = done or attempt.state is State.ALREADY
    return history.Entry(
        ended.order,
        "post" if good else "post failed",
        f"{(_done(attempt) if done else attempt.words).rstrip('.')}.",
        person=attempt.person,
        batch_id=attempt.batch_id,
    )


def _done(attempt: Attempt) -> str:
    sent = attempt.sent
    if not sent.get("invoice"):
        return f"Invoice {sent['number']} cancelled in SQL Account"
    if sent.get("credit"):
        return f"Posted as invoice {sent['number']}, with credit note {sent['credit']['docno']}"
    return f"Posted as invoice {sent['number']}"
