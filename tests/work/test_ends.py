"""Nothing is repeated without end: whatever it meets, an attempt comes to words that a person can read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.utils import timezone

from crossdock.buttons.call_outcome import outcome_of
from crossdock.channels.errors import NotSent, Throttled, TokenDead, Unclear, Unreachable
from crossdock.orders.models import Order
from crossdock.work import action as actions
from crossdock.work import batch as batches
from crossdock.work.action import Ended, LanePlan, NotThere, Outcome, Refusal, Seen
from crossdock.work.lane import drain
from crossdock.work.models import Attempt, Batch, Lane, State
from tests.cast import Cast
from tests.work.test_road import Stamp, begin, later, orders, stamp, states, work

__all__ = ["orders", "stamp"]

pytestmark = pytest.mark.django_db(transaction=True)
_LONG = 900.0


class Rude(Stamp):
    """Meets whatever the test says, at every step of the road."""

    def __init__(self, **rude: Callable[[], Any]) -> None:
        super().__init__()
        self.rude = rude
        self.did: Counter[str] = Counter()
        self.victim: int | None = None
        """The one order that it happens to; None: every one."""

    def _meet(self, step: str, order_ids: Sequence[int]) -> None:
        self.did[step] += 1
        if step in self.rude and (self.victim is None or self.victim in order_ids):
            raise self.rude[step]()

    def refusal(self, order: Order, options: Mapping[str, Any]) -> Refusal | None:
        self._meet("refusal", [order.pk])
        return None

    def sending(self, order: Order, attempt: Attempt) -> Mapping[str, Any]:
        self._meet("sending", [order.pk])
        return {}

    def call(self, attempts: Sequence[Attempt]) -> Mapping[int, Outcome]:
        self._meet("call", [one.order_id for one in attempts])
        return super().call(attempts)

    def ask(self, attempts: Sequence[Attempt]) -> Mapping[int, Seen]:
        self._meet("ask", [one.order_id for one in attempts])
        return super().ask(attempts)

    def record(self, ended: Sequence[Ended]) -> None:
        self._meet("record", [one.order.pk for one in ended])
        super().record(ended)


@pytest.fixture
def met(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Rude]:
    """An action that meets these errors: ``met(call=lambda: …)``."""

    def made(**rude: Callable[[], Any]) -> Rude:
        action = Rude(**rude)
        monkeypatch.setitem(actions._actions, "stamp", action)
        return action

    return made


def _until_nothing_moves(batch: Batch, hours: float = 6.0) -> Attempt:
    """Let hours go by; the attempt as it is then."""
    for _ in range(int(hours * 3600 / _LONG)):
        work()
        later(_LONG)
    return Attempt.objects.get(batch=batch)


@pytest.mark.parametrize("step", ["refusal", "sending", "call", "record"])
@pytest.mark.parametrize("kind", [ValueError, MemoryError])
def test_an_error_that_nobody_foresaw_ends_in_words_and_never_stops_the_others(
    cast: Cast, orders: list[int], met: Callable[..., Rude], step: str, kind: type[Exception]
) -> None:
    rude = met(**{step: lambda: kind("secret /home/data/file")})
    rude.victim = orders[1]
    batch = begin(cast, orders[:3])
    for _ in range(24):
        work()
        later(_LONG)
    attempts = {one.order_id: one for one in Attempt.objects.filter(batch=batch)}
    assert [attempts[pk].state for pk in (orders[0], orders[2])] == [State.DONE, State.DONE]
    bad = attempts[orders[1]]
    assert bad.state in (State.REFUSED, State.UNCLEAR)
    assert bad.words
    assert "secret" not in bad.words
    assert "/home" not in bad.words
    assert rude.did[step] < 60
    before = rude.did.copy()
    for _ in range(8):
        work()
        later(_LONG)
    assert rude.did == before, "it has come to an end"


def test_an_order_that_cannot_be_made_ready_is_refused_since_nothing_was_sent(
    cast: Cast, orders: list[int], met: Callable[..., Rude]
) -> None:
    rude = met(sending=lambda: ZeroDivisionError())
    batch = begin(cast, orders[:1])
    work()
    attempt = Attempt.objects.get(batch=batch)
    assert (attempt.state, rude.did["call"]) == (State.REFUSED, 0)
    assert attempt.words.startswith("Nothing was sent: something went wrong here")
    assert attempt.settled_at is not None


def test_what_is_not_there_is_sent_a_few_times_and_then_refused_in_the_outside_systems_words(
    cast: Cast, orders: list[int], met: Callable[..., Rude]
) -> None:
    rude = met(call=lambda: Unclear("Internal Server Error: emoji", code="500"))
    batch = begin(cast, orders[:1])
    attempt = _until_nothing_moves(batch)
    assert attempt.state == State.REFUSED
    assert attempt.words == "Sent 3 times, and it is not there. Internal Server Error: emoji"
    assert rude.did["call"] == 3
    assert Order.objects.get(pk=orders[0]).history.filter(kind="stamp").count() == 1
    again = batches.retry_failed(batch, cast.pat, form_key="again")
    rude.rude.clear()
    work()
    assert states(again) == {State.DONE: 1}


def test_twelve_questions_without_an_answer_in_half_an_hour_leave_it_to_a_person(
    cast: Cast, orders: list[int], met: Callable[..., Rude]
) -> None:
    rude = met(ask=lambda: NotSent("It answered 500."))
    rude.faults = ["lost after"]
    batch = begin(cast, orders[:1])
    work()
    gone, asked_at = 0.0, []
    while Attempt.objects.get(batch=batch).state == State.ASKING:
        before = rude.did["ask"]
        later(5)
        gone += 5
        work()
        if rude.did["ask"] > before:
            asked_at.append(gone)
        assert gone < 3600
    attempt = Attempt.objects.get(batch=batch)
    assert (attempt.state, rude.did["ask"]) == (State.UNCLEAR, 12)
    assert asked_at[:3] == [5, 30, 60]
    assert 1500 <= asked_at[-1] <= 1860
    gaps = [then - one for one, then in pairwise(asked_at[3:])]
    assert gaps == sorted(gaps), "at growing gaps"
    assert "cut after" in attempt.words
    assert rude.stamped == orders[:1], "it is never sent again by itself"


@pytest.mark.parametrize(
    "error",
    [
        Throttled("Slow down.", wait=1),
        Unreachable("Nobody is there."),
        TokenDead("The keys are refused."),
    ],
)
def test_a_question_that_nobody_looked_at_is_none_and_waits_as_long_as_it_takes(
    cast: Cast, orders: list[int], met: Callable[..., Rude], error: Exception
) -> None:
    rude = met(ask=lambda: error)
    rude.faults = ["lost after"]
    batch = begin(cast, orders[:1])
    for _ in range(40):
        work()
        later(_LONG)
    attempt = Attempt.objects.get(batch=batch)
    assert (attempt.state, attempt.asked) == (State.ASKING, 0)
    assert str(error) in attempt.words
    rude.rude.clear()
    work()
    assert (rude.stamped, states(batch)) == (orders[:1], {State.DONE: 1})


def test_one_question_after_a_persons_click_is_one_more_question(
    cast: Cast, orders: list[int], met: Callable[..., Rude]
) -> None:
    rude = met(ask=lambda: NotSent("It answered 500."))
    rude.faults = ["lost after"]
    batch = begin(cast, orders[:1])
    attempt = _until_nothing_moves(batch)
    asked = rude.did["ask"]
    batches.ask_again(attempt)
    for _ in range(10):
        work()
        later(_LONG)
    assert (rude.did["ask"], states(batch)) == (asked + 1, {State.UNCLEAR: 1})


def test_a_system_that_is_not_there_is_no_refusal_and_uses_up_no_try(
    cast: Cast, orders: list[int], met: Callable[..., Rude]
) -> None:
    rude = met()
    unreachable = outcome_of(Unreachable("The office computer is off."))
    assert unreachable is not None
    called: list[float] = []

    def away(attempts: Sequence[Attempt]) -> Mapping[int, Outcome]:
        called.append(timezone.now().timestamp())
        return {one.pk: unreachable for one in attempts}

    rude.call = away  # type: ignore[method-assign]
    batch = begin(cast, orders[:1])
    for _ in range(100):
        work()
        later(60)
    attempt = Attempt.objects.get(batch=batch)
    assert (attempt.state, attempt.words) == (State.QUEUED, "The office computer is off.")
    assert len(called) == 100
    del rude.call
    work()
    assert states(batch) == {State.DONE: 1}


def test_tries_come_at_growing_gaps_of_a_minute_at_most(
    cast: Cast, orders: list[int], met: Callable[..., Rude]
) -> None:
    rude = met()
    failing = outcome_of(NotSent("It answered 500."))
    assert failing is not None
    rude.call = lambda attempts: {one.pk: failing for one in attempts}  # type: ignore[method-assign]
    begin(cast, orders[:1])
    for age, least, most in ((0, 2, 4), (300, 25, 40), (7200, 55, 61)):
        Attempt.objects.update(
            created_at=timezone.now() - timedelta(seconds=age), due_at=timezone.now()
        )
        drain(Lane.objects.get().pk)
        gap = Attempt.objects.get().due_at - timezone.now()
        assert least <= gap.total_seconds() <= most


def test_what_was_done_but_cannot_be_written_down_waits_for_a_person_in_words(
    cast: Cast, orders: list[int], met: Callable[..., Rude]
) -> None:
    rude = met(record=lambda: ValueError("no"))
    batch = begin(cast, orders[:1])
    attempt = _until_nothing_moves(batch)
    assert (attempt.state, rude.stamped) == (State.UNCLEAR, orders[:1])
    assert "could not be written down here" in attempt.words
    rude.rude.clear()
    batches.ask_again(attempt)
    work()
    assert (states(batch), rude.stamped) == ({State.DONE: 1}, orders[:1])


def test_a_reading_that_never_comes_is_refused_after_a_few_tries(
    cast: Cast, orders: list[int], met: Callable[..., Rude]
) -> None:
    rude = met(call=lambda: Unclear("Half a file came."))
    rude.settle_after = timedelta(0)
    rude.ask = lambda attempts: {one.pk: NotThere() for one in attempts}  # type: ignore[method-assign]
    batch = begin(cast, orders[:1])
    attempt = _until_nothing_moves(batch)
    assert (attempt.state, rude.did["call"]) == (State.REFUSED, 3)
    assert attempt.words == "Half a file came."


@pytest.mark.parametrize("step", ["call", "ask"])
def test_what_spoils_a_call_of_many_spoils_it_once(
    cast: Cast, orders: list[int], met: Callable[..., Rude], step: str
) -> None:
    class Many(Rude):
        def lane(self, order: Order, priority: int) -> LanePlan:
            return LanePlan(name="toy", pace=(), in_flight=1, per_call=5)

        def call(self, attempts: Sequence[Attempt]) -> Mapping[int, Outcome]:
            self._meet("call", [one.order_id for one in attempts])
            if step == "ask" and not self.did["lost"]:
                self.did["lost"] += 1
                raise Unclear("cut before")
            self.stamped += [one.order_id for one in attempts]
            return {one.pk: Outcome(State.DONE) for one in attempts}

    rude = Many(**{step: lambda: ValueError("odd")})
    rude.victim = orders[2]
    actions._actions["stamp"] = rude
    batch = begin(cast, orders[:5])
    for _ in range(20):
        work()
        later(_LONG)
    attempts = Attempt.objects.filter(batch=batch).order_by("order_id")
    told = [one.state for one in attempts]
    assert told[:2] + told[3:] == [State.DONE] * 4
    assert told[2] in (State.REFUSED, State.UNCLEAR)
    assert rude.stamped == [pk for pk in orders[:5] if pk != orders[2]]
