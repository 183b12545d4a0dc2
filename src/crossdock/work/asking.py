"""Attempts of which nobody knows whether they were done: asked about, sent again, or left to a person.

Asking comes to an end, and so does sending again what is certainly not there. A question that nobody
looked at (throttled, no line, keys refused) is none: it is put again, however long that takes.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from crossdock.orders.models import Order
from crossdock.work import figures
from crossdock.work.action import Action, NotThere, Outcome, Unanswered
from crossdock.work.models import Attempt, State
from crossdock.work.times import times

NO_ANSWER = "The answer never came; the outside system is being asked."
_ELSEWHERE = (
    "It is asked whether this was done before Crossdock was brought here from a backup or a copy."
)
_FIRST = "asked before it is sent"
_GAVE_UP = "It could not be found out whether this was done. Look there, then ask again."
_MOST_SENT = 3
"""How often something is sent that is not there afterwards, every time for certain."""
_SHORTEST, _LONGEST = 3.0, 60.0
"""Seconds between two tries, at first and at last."""


def comes_first(attempt: Attempt, order: Order, alone_since: datetime | None) -> bool:
    """Whether it may have been done by another installation, of which this one was a copy until this
    moment: it was wanted before that, or its order was not read since. Asked once."""
    if alone_since is None or (attempt.sent_at is not None and attempt.sent_at >= alone_since):
        return False
    wanted_at = attempt.batch.started_at if attempt.batch else attempt.created_at
    return min(wanted_at, attempt.created_at, order.fetched_at) < alone_since


def begin_before_sending(attempt: Attempt, token: int, alone_since: datetime) -> None:
    """Nothing of it was sent from here: ask whether the other installation did it, until it was off."""
    attempt.state, attempt.token, attempt.words = State.ASKING, token, _ELSEWHERE
    attempt.sent_at, attempt.due_at = alone_since, timezone.now()
    attempt.result = {**attempt.result, _FIRST: True}


def is_before_sending(attempt: Attempt) -> bool:
    """Whether nothing was sent from here yet of what is asked about."""
    return bool(attempt.result.get(_FIRST))


def begin(attempt: Attempt, words: str, said: str, code: str = "") -> None:
    """Nobody knows whether it was done: ask about it soon. ``said``: what is known of the failure."""
    attempt.state, attempt.words, attempt.code = State.ASKING, words, code[:80]
    attempt.result = {**attempt.result, "said": said}
    attempt.due_at = timezone.now() + timedelta(seconds=times().ask_first)


def is_certain(attempt: Attempt, action: Action, answer: NotThere | Unanswered) -> bool:
    """Whether an answer says for sure that it was not done: it had time to show."""
    settle_after = times().settle_after(action.settle_after)
    return isinstance(answer, NotThere) and timezone.now() - _sent_at(attempt) >= settle_after


def may_be_sent(attempt: Attempt) -> bool:
    """Whether what is certainly not there was not sent often enough yet."""
    return is_before_sending(attempt) or attempt.sent_again + 1 < _MOST_SENT


def sent_in_vain(attempt: Attempt, action: Action) -> Outcome:
    """What came of an attempt that is not sent again, though it is not there."""
    said = attempt.result.get("said", "")
    if action.settle_after:
        said = f"Sent {_MOST_SENT} times, and it is not there. {said}".rstrip()
    return Outcome(State.REFUSED, said or "No answer came.", attempt.code)


def send(attempt: Attempt) -> None:
    """Put what was certainly not done into the queue: again, or for the first time from here."""
    is_first, said = is_before_sending(attempt), attempt.result.get("said", "")
    attempt.result.pop(_FIRST, None)
    attempt.state, attempt.due_at, attempt.asked = State.QUEUED, timezone.now(), 0
    attempt.words = "" if is_first else f"It was not done, and is sent again. {said}".rstrip()
    attempt.sent_again += not is_first


def ask_later(attempt: Attempt, action: Action, answer: NotThere | Unanswered) -> None:
    """Ask once more, or leave it to a person."""
    if isinstance(answer, Unanswered) and not answer.counts:
        attempt.words = f"{NO_ANSWER} ({answer.words})"
        wait: float | None = answer.wait or growing_gap(attempt)
    else:
        attempt.asked += 1
        wait = times().next_asking(attempt.asked, action.settle_after)
    if wait is None:
        said = attempt.result.get("said", "")
        attempt.state, attempt.words = State.UNCLEAR, f"{_GAVE_UP} ({said})" if said else _GAVE_UP
        figures.count(figures.OUTCOMES, attempt.action, State.UNCLEAR)
    else:
        attempt.due_at = timezone.now() + timedelta(seconds=wait)


def growing_gap(attempt: Attempt) -> float:
    """Seconds until the next try of what keeps failing: the longer it has, the longer it is left."""
    age = (timezone.now() - attempt.created_at).total_seconds()
    return min(max(age / 10, _SHORTEST), _LONGEST)


def _sent_at(attempt: Attempt) -> datetime:
    return attempt.sent_at or attempt.created_at
