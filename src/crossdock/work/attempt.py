"""The one road for everything that changes an outside system.

An attempt is one action on one order, once. It walks like this:

1.  ``prepare``: lock the orders, ask the action whether it still makes sense, write down *sending*
    with what will be sent and the lane's token, and commit;
2.  ``carry_out``: call at once, outside any transaction;
3.  ``settle``: record what came of it, with the new facts and the history, in one transaction, by
    compare-and-set on the token.

A kill between 1 and 3 leaves a row that says *sending*. Whoever holds the lane next raises its
token (so that an overtaken holder can neither send nor record), turns such rows into *asking*
(``adopt``), and ``ask`` looks at the outside system until it is sure. What was not done goes back
into the queue; what cannot be told stays *unclear* until a person looks. Nothing is sent twice, and
nothing is repeated without end (``asking``), whatever error it meets.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from crossdock.channels.errors import ChannelError, Throttled
from crossdock.channels.wire import not_after
from crossdock.companies.only_one import standing
from crossdock.orders.record import locked
from crossdock.work import asking, figures
from crossdock.work.action import (
    Action,
    Ended,
    NotThere,
    Outcome,
    Refusal,
    Seen,
    Unanswered,
    action_named,
    unanswered,
)
from crossdock.work.models import Attempt, Lane, State
from crossdock.work.times import times

log = structlog.get_logger(__name__)

_MOVING = ("state", "words", "code", "result", "due_at", "tries", "asked", "sent_again")
"""What changes of an attempt that is still under way."""

_MOST_TRIES = 60
"""After so many "try again later" the outside system's words are taken for a refusal."""

_FAILED_HERE = "Something went wrong here that nobody foresaw; the log says what."
_NOT_SENT = "Nothing was sent: something went wrong here that nobody foresaw; the log says what."
_NOT_RECORDED = "What came of it could not be written down here; the log says why."
_OURS = (OperationalError, InterfaceError)
"""The database is away, or busy: that says nothing of an attempt."""


class Overtaken(Exception):
    """Another worker holds the lane now: stop, and touch nothing."""


def first_in(lane: Lane) -> Attempt | None:
    """The attempt of a lane whose turn it is: one that is to be asked about before one that is to be
    sent; with order and store."""
    for state in (State.ASKING, State.QUEUED):
        # The key first: every scan waits for this, and planning the joins takes longer than both looks.
        for pk in _due(lane, state).values_list("pk", flat=True)[:1]:
            return Attempt.objects.select_related("order__store").get(pk=pk)
    return None


def next_like(lane: Lane, first: Attempt, most: int) -> list[int]:
    """The next attempts that can be told in one call with ``first``, itself among them. What failed
    before goes alone: whatever is the matter with it must not spoil those beside it again."""
    if first.sent_again or first.asked:
        return [first.pk]
    due = _due(lane, State(first.state)).filter(action=first.action, sent_again=0, asked=0)
    return list(due.values_list("pk", flat=True)[:most])


def unread_in(lane: Lane, least: int, most: int) -> list[Attempt]:
    """Attempts whose orders have still to be read again, oldest first; none while they are fewer
    than ``least``."""
    rows = Attempt.objects.filter(lane=lane, unread=True).order_by("pk")
    found = list(rows.values_list("pk", flat=True)[:most])
    if not found or len(found) < least:
        return []
    return list(rows.filter(pk__in=found).select_related("order__store"))


def reread(attempts: Sequence[Attempt]) -> None:
    """Have the orders of these attempts read again. Those that must wait for a turn stay unread; what
    else fails is left to the next sync."""
    for name in {attempt.action for attempt in attempts}:
        same = [attempt for attempt in attempts if attempt.action == name]
        try:
            action_named(name).reread(same)
        except Throttled:
            continue
        except ChannelError as error:
            log.info("orders are read by the next sync", action=name, words=error.words)
        except Exception:
            log.exception("an action failed while reading its orders again", action=name)
        Attempt.objects.filter(pk__in=[one.pk for one in same]).update(unread=False)


def prepare(lane: Lane, action: Action, attempt_ids: Sequence[int]) -> list[Attempt]:
    """Step 1 for these attempts; those that are to be called now.

    The others end here, or are asked about first: nothing of them was sent. One that cannot be made ready never stops those
    beside it. Raises Overtaken when the lane is no longer ours.
    """
    try:
        return _prepare(lane, action, attempt_ids)
    except (Overtaken, *_OURS):
        raise
    except Exception:
        if len(attempt_ids) > 1:
            return [one for pk in attempt_ids for one in prepare(lane, action, [pk])]
        log.exception("an attempt could not be made ready", action=action.name)
        with transaction.atomic():
            hold(lane)
            Attempt.objects.filter(pk__in=attempt_ids, state=State.QUEUED).update(
                state=State.REFUSED, words=_NOT_SENT, settled_at=timezone.now()
            )
        return []


def _prepare(lane: Lane, action: Action, attempt_ids: Sequence[int]) -> list[Attempt]:
    since = standing().alone_since
    with transaction.atomic():
        hold(lane)
        orders = {order.pk: order for order in locked(_orders_of(attempt_ids))}
        ready, doubtful, ended = [], [], []
        for attempt in _locked_attempts(attempt_ids, State.QUEUED):
            order = attempt.order = orders[attempt.order_id]
            refusal = _stopped(attempt) or action.refusal(order, attempt.options)
            if refusal is not None:
                ended.append(Ended(order, attempt, refusal))
                continue
            attempt.sent = dict(action.sending(order, attempt))
            if since and asking.comes_first(attempt, order, since):
                asking.begin_before_sending(attempt, lane.token, since)
                doubtful.append(attempt)
                continue
            attempt.state, attempt.token = State.SENDING, lane.token
            attempt.sent_at = timezone.now()
            ready.append(attempt)
        _write(ready, "state", "sent", "token", "sent_at")
        _write(doubtful, "state", "sent", "token", "sent_at", "words", "due_at", "result")
        _end(action, ended)
        return ready


def carry_out(lane: Lane, action: Action, attempts: Sequence[Attempt], deadline: float) -> None:
    """Steps 2 and 3 for prepared attempts.

    ``deadline`` (monotonic) is when our lease may end. A holder that slept past it sends nothing: it
    cannot know whether it still holds the lane. That is looked at here, and once more when the
    request is about to leave.
    """
    if connection.in_atomic_block:
        raise RuntimeError("An outside system must not be called inside a transaction.")
    if time.monotonic() >= deadline:
        return
    unclear = Outcome(State.UNCLEAR, "")
    outcomes: Mapping[int, Outcome] = {}
    try:
        with not_after(deadline):
            outcomes = action.call(attempts)
    except ChannelError as error:
        unclear = Outcome(State.UNCLEAR, error.words, error.code)
    except Exception:
        log.exception("an action failed while calling", action=action.name)
        unclear = Outcome(State.UNCLEAR, _FAILED_HERE)
    settle(lane, action, [(one, outcomes.get(one.pk) or unclear) for one in attempts])


def ask(lane: Lane, action: Action, attempt_ids: Sequence[int]) -> None:
    """Look at the outside system for attempts that ended unclear, and settle what can be told."""
    with transaction.atomic():
        hold(lane)
        attempts = list(
            Attempt.objects.filter(pk__in=attempt_ids, state=State.ASKING).select_related(
                "order__store"
            )
        )
    seen, came = _answers(action, attempts), []
    for attempt in attempts:
        answer = seen.get(attempt.pk, Unanswered(""))
        if isinstance(answer, Outcome):
            came.append((attempt, answer))
        elif asking.is_certain(attempt, action, answer) and not asking.may_be_sent(attempt):
            came.append((attempt, asking.sent_in_vain(attempt, action)))
        else:
            _go_on(lane, action, attempt, answer)
    settle(lane, action, came)


def _answers(action: Action, attempts: Sequence[Attempt]) -> Mapping[int, Seen]:
    """What the outside system shows. What was never sent from here goes out by the order as it is now:
    another installation may have changed it."""
    try:
        if any(map(asking.is_before_sending, attempts)):
            action.reread(attempts)
        return action.ask(attempts)
    except ChannelError as error:
        log.info("asking failed", action=action.name, words=error.words)
        return {attempt.pk: unanswered(error) for attempt in attempts}
    except Exception:
        log.exception("an action failed while asking", action=action.name)
        return {}


def adopt(lane: Lane) -> int:
    """Take over what an earlier holder of the lane left in *sending*; how many attempts."""
    now = timezone.now()
    return Attempt.objects.filter(lane=lane, state=State.SENDING, token__lt=lane.token).update(
        state=State.ASKING,
        token=lane.token,
        due_at=now + timedelta(seconds=times().ask_first),
        words=asking.NO_ANSWER,
    )


def settle(lane: Lane, action: Action, came: Sequence[tuple[Attempt, Outcome]]) -> None:
    """Step 3: record what came of these attempts, where they are still ours to record.

    All in one transaction; where that fails, each in its own, so that an order that cannot be
    recorded never spoils those beside it. Such an attempt is asked about.
    """
    try:
        _settle(lane, action, came)
    except _OURS:
        raise
    except Exception:
        log.exception("outcomes could not be recorded", action=action.name)
        if len(came) == 1:
            _ask_again_of(lane, action, came[0][0])
            return
        for one in came:
            settle(lane, action, [one])


def _ask_again_of(lane: Lane, action: Action, attempt: Attempt) -> None:
    """Nothing of what came of this attempt could be written down: ask about it, for a while."""
    with transaction.atomic():
        mine = _still_ours(lane, [attempt]).get(attempt.pk)
        if mine is None:
            return
        if mine.state == State.SENDING:
            asking.begin(mine, _NOT_RECORDED, _NOT_RECORDED)
        else:
            mine.result = {**mine.result, "said": _NOT_RECORDED}
            asking.ask_later(mine, action, Unanswered(_NOT_RECORDED))
        mine.save(update_fields=_MOVING)


def _settle(lane: Lane, action: Action, came: Sequence[tuple[Attempt, Outcome]]) -> None:
    with transaction.atomic():
        orders = {order.pk: order for order in locked(one.order_id for one, _ in came)}
        ours = _still_ours(lane, [one for one, _ in came])
        ended = []
        for attempt, outcome in came:
            mine = ours.get(attempt.pk)
            if mine is None:
                log.warning("overtaken: an outcome was not recorded", attempt=attempt.pk)
            elif outcome.state is State.UNCLEAR:
                words = f"{asking.NO_ANSWER} ({outcome.words})".removesuffix(" ()")
                asking.begin(mine, words, outcome.words, outcome.code)
            elif outcome.state is State.QUEUED and (not outcome.counts or mine.tries < _MOST_TRIES):
                _queue_again(mine, outcome)
            else:
                mine.order = orders[mine.order_id]
                ended.append(Ended(mine.order, mine, outcome))
        over = {one.attempt.pk for one in ended}
        moving = [one for one in ours.values() if one.pk not in over]
        _write(moving, *_MOVING)
        _end(action, ended)


def _still_ours(lane: Lane, attempts: Sequence[Attempt]) -> dict[int, Attempt]:
    """Those of these attempts that this holder of the lane may still record, locked; by key."""
    tokens = {one.pk: one.token for one in attempts}
    rows = (
        Attempt.objects.select_for_update(of=("self",))
        .filter(pk__in=tokens, state__in=(State.SENDING, State.ASKING), lane__token=lane.token)
        .select_related("person")
        .order_by("pk")
    )
    return {one.pk: one for one in rows if one.token == tokens[one.pk]}


def hold(lane: Lane) -> None:
    """Renew our lease inside the caller's transaction. Raises Overtaken."""
    held = Lane.objects.filter(pk=lane.pk, token=lane.token).update(
        held_until=timezone.now() + timedelta(seconds=times().lease)
    )
    if not held:
        raise Overtaken


def _due(lane: Lane, state: State) -> QuerySet[Attempt]:
    """By priority, then by the moment at which they came to be due: as the indexes have them."""
    due = Attempt.objects.filter(lane=lane, state=state, due_at__lte=timezone.now())
    return due.order_by("priority", "due_at", "pk")


def _orders_of(attempt_ids: Sequence[int]) -> list[int]:
    return list(Attempt.objects.filter(pk__in=attempt_ids).values_list("order_id", flat=True))


def _locked_attempts(attempt_ids: Sequence[int], state: State) -> list[Attempt]:
    """These attempts where they are still in this state; locked after their orders."""
    return list(
        Attempt.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(pk__in=attempt_ids, state=state)
        .select_related("batch", "person")
        .order_by("priority", "pk")
    )


def _stopped(attempt: Attempt) -> Outcome | None:
    if attempt.batch is not None and attempt.batch.cancelled_at is not None:
        return Outcome(State.CANCELLED, "Cancelled before it was sent.")
    return None


def _end(action: Action, ended: Sequence[Ended]) -> None:
    """Write these outcomes and what they mean for the orders. Attempts and orders are locked."""
    if not ended:
        return
    for one in ended:
        _set_outcome(one.attempt, one.outcome)
    _write(
        [one.attempt for one in ended],
        "state", "words", "code", "result", "unread", "settled_at", "due_at",
    )  # fmt: skip
    action.record(ended)
    transaction.on_commit(partial(_count, ended))


def _count(ended: Sequence[Ended]) -> None:
    for one in ended:
        figures.count(figures.OUTCOMES, one.attempt.action, one.attempt.state)


def _write(attempts: Sequence[Attempt], *fields: str) -> None:
    """Save these fields of locked attempts: as one statement of plain rows, which is built seven
    times as fast as one update of many cases."""
    if attempts:
        Attempt.objects.bulk_create(
            attempts, update_conflicts=True, unique_fields=["id"], update_fields=fields
        )


def _set_outcome(attempt: Attempt, outcome: Outcome | Refusal) -> None:
    state = State.REFUSED if outcome.state is State.QUEUED else outcome.state
    attempt.state, attempt.words = state, outcome.words
    wait = 0.0
    if isinstance(outcome, Outcome):
        attempt.code, attempt.result = outcome.code[:80], dict(outcome.result)
        wait = outcome.wait or 0.0
        attempt.unread = outcome.unread
    attempt.settled_at = None if state is State.WAITING else timezone.now()
    if state is State.WAITING:
        attempt.due_at = timezone.now() + timedelta(seconds=wait or times().recheck_waiting)


def _queue_again(attempt: Attempt, outcome: Outcome) -> None:
    wait = asking.growing_gap(attempt) if outcome.wait is None else outcome.wait
    attempt.state, attempt.words, attempt.code = State.QUEUED, outcome.words, outcome.code[:80]
    attempt.due_at = timezone.now() + timedelta(seconds=wait)
    attempt.tries += outcome.counts


def _go_on(lane: Lane, action: Action, attempt: Attempt, answer: NotThere | Unanswered) -> None:
    """Not there yet, or no answer: ask again, send again, or leave it to a person."""
    with transaction.atomic():
        mine = _still_ours(lane, [attempt]).get(attempt.pk)
        if mine is None:
            return
        if asking.is_certain(mine, action, answer):
            asking.send(mine)
        else:
            asking.ask_later(mine, action, answer)
        mine.save(update_fields=_MOVING)
