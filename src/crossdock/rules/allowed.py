"""May this be done to this order, and if not, why: in words that a packer understands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from crossdock.rules.facts import (
    Marks,
    OrderFacts,
    ReturnFacts,
    ReturnMove,
    Stage,
    Tab,
    Touches,
)
from crossdock.rules.tabs import least_advanced, stages, tab_of


class Answer(StrEnum):
    """Whether to go on."""

    GO = "go"
    ALREADY = "already"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer, with a reason that can be counted and shown ("9 already packed")."""

    answer: Answer
    why: str = ""

    @property
    def ok(self) -> bool:
        """Whether the action may be sent."""
        return self.answer is Answer.GO


GO = Verdict(Answer.GO)
Rule = Callable[[OrderFacts, Marks], Verdict]

_BEFORE_COURIER = frozenset({Stage.TO_PACK, Stage.PACKED, Stage.READY})
_REFUSING = frozenset({ReturnMove.REJECT, ReturnMove.REFUSE_GOODS, ReturnMove.DISPUTE})


def may_pack(facts: OrderFacts, marks: Marks) -> Verdict:
    """Whether Pack makes sense now. An order that is further on has been packed already."""
    if stop := _stopped(facts, marks) or _unread(facts, Touches.LINES):
        return stop
    if facts.fulfilled_by_channel:
        return _no("packed by the marketplace's own warehouse")
    if facts.no_parcel:
        return _no("nothing to pack: digital, or collected in the store")
    tab = tab_of(facts, marks)
    if tab is Tab.NEW_ORDER:
        return GO
    return (
        _already("already packed")
        if _past(facts, Stage.TO_PACK) or marks.packed_here
        else _wrong(tab)
    )


def may_ship(facts: OrderFacts, marks: Marks) -> Verdict:
    """Whether To Ship makes sense now: packed, and not yet given to the courier."""
    if stop := _stopped(facts, marks):
        return stop
    tab = tab_of(facts, marks)
    if tab is Tab.TO_PROCESS and marks.must_be_verified and not marks.verified:
        return _no("not verified yet: Stock Pick first")
    if tab is Tab.TO_PROCESS:
        return GO
    if tab is Tab.NEW_ORDER:
        return _no("not packed yet")
    return _already("already shipped") if _past(facts, Stage.PACKED) else _wrong(tab)


def may_pick(facts: OrderFacts) -> Verdict:
    """Whether a picking list may name its items: those that it has are known."""
    if not facts.lines:
        return _no("items are being fetched")
    if not facts.live_lines:
        return _no("nothing is left to pick")
    return _unread(facts, Touches.LINES) or GO


def may_verify(facts: OrderFacts, marks: Marks) -> Verdict:
    """Whether its items may be checked at the bench: packed, and not yet with the courier."""
    if stop := _stopped(facts, marks) or _unread(facts, Touches.LINES):
        return stop
    if marks.verified:
        return _already("already verified")
    tab = tab_of(facts, marks)
    if tab is Tab.NEW_ORDER:
        return _no("not packed yet")
    return GO if tab in (Tab.TO_PROCESS, Tab.TO_SHIP) else _wrong(tab)


def may_print(facts: OrderFacts, marks: Marks) -> Verdict:
    """Whether the marketplace can have a label for it: from packed on, until it is delivered."""
    if stop := _stopped(facts, marks):
        return stop
    tab = tab_of(facts, marks)
    if tab in (Tab.UNPAID, Tab.NEW_ORDER):
        return _no("no label before it is packed")
    if not facts.packages:
        return _no("no package yet")
    if facts.seller_delivers:
        return _no("no label: the seller delivers it")
    return GO


def may_deliver(facts: OrderFacts, marks: Marks) -> Verdict:
    """Whether Mark as Delivered makes sense: only for orders that the seller delivers."""
    if stop := _stopped(facts, marks):
        return stop
    if not facts.seller_delivers:
        return _no("a courier delivers it")
    tab = tab_of(facts, marks)
    if tab is Tab.SELF_DELIVER:
        return GO
    return (
        _already("already delivered")
        if _past(facts, Stage.SHIPPED) or marks.delivered_here
        else _wrong(tab)
    )


def may_post(facts: OrderFacts, marks: Marks, *, invoiced: bool = False) -> Verdict:
    """Whether it may be posted: from Shipped, Delivered or Completed.

    ``invoiced``: it was posted before. What is cancelled or comes back after that is posted from
    wherever it stands, so that the books follow. What could not be read whole is not, however it
    came to be asked for: a figure may be missing in it.
    """
    if not facts.lines:
        return _no("items are being fetched")
    if stop := _unread(facts, Touches.MONEY, Touches.LINES):
        return stop
    if invoiced:
        return GO
    tab = tab_of(facts, marks)
    if tab in (Tab.SHIPPED, Tab.DELIVERED, Tab.COMPLETED):
        return GO
    return _no(
        f"only shipped, delivered or completed orders are posted; this one is in {tab.heading}"
    )


def may_repack(facts: OrderFacts, marks: Marks, *, possible: bool = True) -> Verdict:
    """Whether the packing can be undone: packed, and not yet given to the courier.

    ``possible``: whether the channel has a call for it.
    """
    if not possible:
        return _no("this marketplace cannot undo a packing")
    if stop := _stopped(facts, marks):
        return stop
    if facts.fulfilled_by_channel:
        return _no("packed by the marketplace's own warehouse")
    if _all_at(facts, Stage.TO_PACK):
        return _already("not packed")
    tab = tab_of(facts, marks)
    if tab is not Tab.TO_PROCESS or not any(
        line.stage is Stage.PACKED for line in facts.live_lines
    ):
        return _wrong(tab)
    return GO if facts.packages else _no("no package yet")


def may_cancel(facts: OrderFacts, marks: Marks, *, possible: bool = True) -> Verdict:
    """Whether the seller may cancel: paid, and not yet with the courier.

    ``possible``: whether the channel has a call for it. Which reasons it takes, and whether this very
    order is still free, the channel tells when it is asked.
    """
    if not possible:
        return _no("this marketplace lets no seller cancel")
    if facts.lines and not facts.live_lines:
        return _already("already cancelled") if _all_cancelled(facts) else _no("no longer alive")
    if stop := _stopped(facts, marks):
        return stop
    if facts.fulfilled_by_channel:
        return _no("in the marketplace's own warehouse")
    if all(line.stage in _BEFORE_COURIER for line in facts.live_lines):
        return GO
    return _wrong(tab_of(facts, marks))


def may_answer_cancellation(
    facts: OrderFacts, marks: Marks, *, accept: bool = True, possible: bool = True
) -> Verdict:
    """Whether a buyer's cancellation waits for this answer.

    ``possible``: whether the channel lets a cancellation be refused. Accepting always is.
    """
    if not accept and not possible:
        return _no("this marketplace lets no cancellation be refused")
    if not facts.lines:
        return _no("items are being fetched")
    if not facts.live_lines:
        return _already("already cancelled") if accept else _no("already cancelled")
    if tab_of(facts, marks) is not Tab.TO_CANCEL:
        return _no("no cancellation is asked for any more")
    return GO


def may_answer_return(known: ReturnFacts, move: ReturnMove) -> Verdict:
    """Whether a return allows this move, as the channel told it last."""
    if move in known.moves:
        return GO
    if not known.is_open:
        return _no(f"the return has ended: {known.status}")
    return _no(f"not possible now: the return is {known.status}")


def move_for(moves: tuple[ReturnMove, ...], *, accept: bool) -> ReturnMove | None:
    """The move that a bare "Accept" or "Reject" means: the first that gives in, or that refuses."""
    if accept:
        return next((move for move in moves if move.gives_in), None)
    return next((move for move in moves if move in _REFUSING), None)


def _stopped(facts: OrderFacts, marks: Marks) -> Verdict | None:
    """What stops every step of fulfilment."""
    if not facts.lines:
        return _no("items are being fetched")
    if not facts.live_lines:
        return _no("cancelled" if _all_cancelled(facts) else "no longer on its way to the buyer")
    tab = tab_of(facts, marks)
    if tab is Tab.TO_CANCEL:
        return _no("the buyer asks to cancel: answer that first")
    if tab is Tab.TO_RETURN:
        return _no("a return waits for an answer")
    if Stage.HELD in stages(facts):
        return _no("held by the marketplace")
    return None


def _unread(facts: OrderFacts, *touching: Touches) -> Verdict | None:
    """What stops an order of which such a part could not be read; None where nothing does."""
    words = "; ".join(facts.unread(*touching))
    return _no(f"it could not be read whole: {words}") if words else None


def _all_cancelled(facts: OrderFacts) -> bool:
    return all(line.stage is Stage.CANCELLED for line in facts.lines)


def _all_at(facts: OrderFacts, stage: Stage) -> bool:
    return all(line.stage is stage for line in facts.live_lines)


def _past(facts: OrderFacts, stage: Stage) -> bool:
    """Whether even the least advanced live item is beyond this stage."""
    here = least_advanced(line.stage for line in facts.live_lines)
    return here is not None and least_advanced([here, stage]) is stage and here is not stage


def _wrong(tab: Tab) -> Verdict:
    return _no(f"not possible in {tab.heading}")


def _no(why: str) -> Verdict:
    return Verdict(Answer.NO, why)


def _already(why: str) -> Verdict:
    return Verdict(Answer.ALREADY, why)
