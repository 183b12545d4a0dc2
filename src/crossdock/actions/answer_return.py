"""The moves in a buyer's return: one move in one return of each order.

Options: ``moves`` (order pk → [return id, move]), exactly as a person saw them, and ``forms`` with a
filled form for each channel and move. ``answer`` is there where many returns get a bare Accept or
Reject.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from crossdock.buttons import evidence
from crossdock.buttons.channel_action import ChannelAction
from crossdock.buttons.filled_form import filled_form_for
from crossdock.channels.answers import ReturnAnswer
from crossdock.channels.contract import Channel, Shop, Told
from crossdock.companies.rights import Deed
from crossdock.orders import record
from crossdock.orders.facts import return_facts
from crossdock.orders.models import Order, Return
from crossdock.orders.returns import take_in_returns
from crossdock.rules.allowed import Answer, Verdict, may_answer_return
from crossdock.rules.facts import ReturnFacts, ReturnMove
from crossdock.stores.calling import call as call_store
from crossdock.work.action import Ended, Evidence, NotThere, Outcome, Seen
from crossdock.work.models import Attempt, State


@dataclass(frozen=True, slots=True)
class ReturnsRead(Evidence):
    """An order's returns as read after an answer."""

    returns: tuple[ReturnFacts, ...]
    fetched_at: datetime


class AnswerReturn(ChannelAction):
    """The moves of a return, and Accept and Reject of many."""

    name = "answer_return"
    title = "Answer return"
    deed = Deed.ANSWER
    changes_head = True

    def title_of(self, options: Mapping[str, Any]) -> str:
        if answer := options.get("answer"):
            return f"{answer.capitalize()} return"
        moves = {move for _, move in options.get("moves", {}).values()}
        return f"Return: {ReturnMove(moves.pop()).heading}" if len(moves) == 1 else self.title

    def success_text(self, order: Order, attempt: Attempt) -> str:
        sent = attempt.sent
        text = f"Return {sent['return_id']}: {ReturnMove(sent['move']).heading.lower()}"
        if sent["amount"]:
            text += f", {sent['currency']} {sent['amount']}"
        words = filled_form_for(attempt.options, order.store.channel, sent["move"]).reason_words
        return f"{text} ({words})" if words else text

    def failure_text(self, order: Order, attempt: Attempt) -> str:
        return_id, move = _wanted(order, attempt.options)
        return f"Return {return_id}, {ReturnMove(move).heading.lower()}: {attempt.words}"

    def per_call(self, known: Channel) -> int:
        return 1

    def verdict(self, order: Order, options: Mapping[str, Any]) -> Verdict:
        return_id, move = _wanted(order, options)
        try:
            return may_answer_return(_return(order, return_id), ReturnMove(move))
        except Return.DoesNotExist:
            return Verdict(Answer.NO, "no return of this order was chosen")

    def sending(self, order: Order, attempt: Attempt) -> Mapping[str, Any]:
        return_id, move = _wanted(order, attempt.options)
        known = _return(order, return_id)
        filled = filled_form_for(attempt.options, order.store.channel, move)
        return {
            "order_id": order.channel_order_id,
            "return_id": return_id,
            "move": move,
            "parts": list(_parts_left(order, known, move)),
            "reason": filled.reason,
            "comment": filled.comment,
            "email": filled.email,
            "amount": None if filled.amount is None else str(filled.amount),
            "currency": known.currency,
            "images": list(filled.images),
            "before": _standing(known),
        }

    def send(self, known: Channel, shop: Shop, attempts: Sequence[Attempt]) -> tuple[Told, ...]:
        return tuple(known.answer_return(shop, _answer(attempt)) for attempt in attempts)

    def ask(self, attempts: Sequence[Attempt]) -> Mapping[int, Seen]:
        seen = {attempt.pk: _seen(attempt, _read(attempt, turns_taken=1)) for attempt in attempts}
        return {pk: outcome for pk, outcome in seen.items() if outcome is not None}

    def record(self, ended: Sequence[Ended]) -> None:
        super().record(ended)
        for one in ended:
            if isinstance(one.outcome, Outcome) and isinstance(one.outcome.evidence, ReturnsRead):
                _take_in(one.attempt, one.outcome.evidence)

    def reread(self, attempts: Sequence[Attempt]) -> None:
        """Take in the returns, and their orders, as they are now."""
        for attempt in attempts:
            _take_in(attempt, _read(attempt))
        super().reread(attempts)


def _wanted(order: Order, options: Mapping[str, Any]) -> tuple[str, str]:
    return_id, move = options.get("moves", {}).get(str(order.pk), ("", ReturnMove.REFUND))
    return return_id, move


def _return(order: Order, return_id: str) -> ReturnFacts:
    return return_facts(
        Return.objects.select_related("order").get(order=order, return_id=return_id)
    )


def _parts_left(order: Order, known: ReturnFacts, move: str) -> tuple[str, ...]:
    """The parts that the move is still to be made for: all, or what an answer left that worked in part."""
    last = (
        Attempt.objects.filter(
            order=order, action=AnswerReturn.name, sent__return_id=known.return_id, sent__move=move
        )
        .exclude(state__in=(State.QUEUED, State.CANCELLED, State.WAITING))
        .order_by("-pk")
        .first()
    )
    if last is None or last.state != State.PARTLY:
        return known.parts
    left = set(last.result.get("left", ()))
    return tuple(part for part in known.parts if part in left) or known.parts


def _standing(known: ReturnFacts) -> dict[str, Any]:
    """Where a return stands: what a move changes."""
    return {
        "status": known.status,
        "waits_for_us": known.waits_for_us,
        "moves": [move.value for move in known.moves],
        "updated_at": known.updated_at.isoformat(),
    }


def _answer(attempt: Attempt) -> ReturnAnswer:
    """Raises Refused when its evidence is no longer kept."""
    sent = attempt.sent
    known = _return(attempt.order, sent["return_id"])
    return ReturnAnswer(
        known=replace(known, parts=tuple(sent["parts"])),
        move=ReturnMove(sent["move"]),
        reason=sent["reason"],
        comment=sent["comment"],
        email=sent["email"],
        amount=None if sent["amount"] is None else Decimal(sent["amount"]),
        images=evidence.read(sent["images"]),
    )


def _read(attempt: Attempt, *, turns_taken: int = 0) -> ReturnsRead:
    order, return_id = attempt.order, attempt.sent["return_id"]
    fetched_at = record.now()
    found = call_store(
        order.store,
        lambda known, shop: known.returns_of(shop, order.channel_order_id, [return_id]),
        turns_taken=turns_taken,
    )
    return ReturnsRead(found, fetched_at)


def _take_in(attempt: Attempt, read: ReturnsRead) -> None:
    take_in_returns(attempt.order.store, read.returns, fetched_at=read.fetched_at)


def _seen(attempt: Attempt, read: ReturnsRead) -> Outcome | NotThere | None:
    """What the return says about a move whose answer never came; None where it does not say.

    A return that moved from where it stood was answered. Where its parts are answered one by one, one
    that was touched and still allows the move was answered in part: what is left may be sent, since a
    channel answers no part twice. Any other that was touched, and yet stands where it stood, tells
    nothing: a person has to look.
    """
    sent = attempt.sent
    now = next((one for one in read.returns if one.return_id == sent["return_id"]), None)
    if now is None:
        return None
    standing, before = _standing(now), sent["before"]
    if standing == before:
        return NotThere()
    words = f"The return is now {now.status}."
    if len(sent["parts"]) > 1 and sent["move"] in standing["moves"]:
        return Outcome(State.PARTLY, words, evidence=read)
    if all(standing[name] == before[name] for name in ("status", "waits_for_us", "moves")):
        return None
    return Outcome(State.DONE, words, evidence=read)
