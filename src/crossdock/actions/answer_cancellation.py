"""Accept or Reject a buyer's cancellation.

Options: ``answer`` (``accept`` or ``reject``), and ``forms`` with a filled form for each channel.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crossdock.buttons.call_outcome import OrderRead
from crossdock.buttons.channel_action import ChannelAction
from crossdock.buttons.filled_form import filled_form_for
from crossdock.buttons.parcels import lines_at, lines_sent
from crossdock.channels.answers import CancelAnswer
from crossdock.channels.contract import Channel, Shop, Told
from crossdock.channels.registry import channel
from crossdock.companies.rights import Deed
from crossdock.orders.facts import facts_of, marks_of
from crossdock.orders.models import Order
from crossdock.rules.allowed import Verdict, may_answer_cancellation
from crossdock.rules.facts import Stage
from crossdock.work.action import NotThere, Outcome
from crossdock.work.models import Attempt, State

ACCEPT, REJECT = "accept", "reject"


class AnswerCancellation(ChannelAction):
    """The buttons Accept and Reject of a buyer's cancellation."""

    name = "answer_cancellation"
    title = "Answer cancellation"
    deed = Deed.ANSWER
    changes_head = True

    def title_of(self, options: Mapping[str, Any]) -> str:
        return f"{'Accept' if _accepts(options) else 'Reject'} cancellation"

    def success_text(self, order: Order, attempt: Attempt) -> str:
        if attempt.sent["accept"]:
            return "Cancellation accepted"
        words = filled_form_for(attempt.options, order.store.channel, REJECT).reason_words
        return f"Cancellation rejected: {words}" if words else "Cancellation rejected"

    def per_call(self, known: Channel) -> int:
        return 1

    def verdict(self, order: Order, options: Mapping[str, Any]) -> Verdict:
        return may_answer_cancellation(
            facts_of(order),
            marks_of(order),
            accept=_accepts(options),
            possible=channel(order.store.channel).can.reject_cancellation,
        )

    def sending(self, order: Order, attempt: Attempt) -> Mapping[str, Any]:
        facts, accept = facts_of(order), _accepts(attempt.options)
        answer = ACCEPT if accept else REJECT
        filled = filled_form_for(attempt.options, order.store.channel, answer)
        return {
            "order_id": facts.order_id,
            "package_ids": [],
            "line_ids": list(lines_at(facts, lambda stage: stage.is_live)),
            "request_id": facts.cancel_request_id,
            "accept": accept,
            "reason": filled.reason,
            "comment": filled.comment,
        }

    def send(self, known: Channel, shop: Shop, attempts: Sequence[Attempt]) -> tuple[Told, ...]:
        return tuple(known.answer_cancellation(shop, _answer(attempt)) for attempt in attempts)

    def outcome_from(self, attempt: Attempt, read: OrderRead) -> Outcome | NotThere:
        """While the request stands it was not answered; once it is gone, the lines tell how it ended.

        Lines that are held were agreed to be cancelled, and wait for their courier to be stopped.
        """
        facts, accept = read.arrived.facts, attempt.sent["accept"]
        if facts.cancel_requested and facts.cancel_request_id == attempt.sent["request_id"]:
            return NotThere()
        lines = lines_sent(attempt, facts)
        cancelled = all(line.stage in (Stage.CANCELLED, Stage.HELD) for line in lines)
        if cancelled is accept:
            return Outcome(State.DONE, evidence=read)
        if cancelled:
            return Outcome(State.REFUSED, "The order was cancelled meanwhile.", evidence=read)
        return Outcome(
            State.REFUSED,
            "The request is gone, and the order goes on: withdrawn, or answered elsewhere.",
            evidence=read,
        )


def _accepts(options: Mapping[str, Any]) -> bool:
    return bool(options.get("answer", ACCEPT) == ACCEPT)


def _answer(attempt: Attempt) -> CancelAnswer:
    sent = attempt.sent
    return CancelAnswer(
        order_id=sent["order_id"],
        request_id=sent["request_id"],
        accept=sent["accept"],
        reason=sent["reason"],
        comment=sent["comment"],
    )
