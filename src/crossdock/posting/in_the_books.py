"""Bringing about what the books should hold of one order, and looking whether they do.

Everything here may be done again: what is already as it should be is left alone, so that a second
run of the same posting makes no call that changes anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crossdock.channels.errors import ChannelError, NotFound, NotSent, Refused, Unreadable
from crossdock.orders.models import Order
from crossdock.posting.sqlaccount.answers import Record
from crossdock.posting.sqlaccount.client import Client
from crossdock.posting.sqlaccount.documents import (
    Kind,
    cancellation,
    changed,
    is_as_wanted,
    is_cancelled,
    is_e_invoice,
    key_of,
    linked,
    reference_of,
    rows_of,
    total_of,
)
from crossdock.work.action import NotThere, Outcome
from crossdock.work.models import State
from crossdock.work.on_channel import outcome_of

_TRY_AGAIN_IN = 3.0
Sent = Mapping[str, Any]


@dataclass(slots=True)
class _Progress:
    """How far one posting has come."""

    has_written: bool = False
    """A request that changes something was begun: a failure from then on may hide a success."""
    held: dict[str, Record | None] | None = None

    def keep(self, name: str, record: Record) -> None:
        """A document is as it should be; what was begun before is over."""
        self.held = {**(self.held or {}), name: record}
        self.has_written = False


def bring_about(client: Client, sent: Sent, order: Order) -> Outcome:
    """Have the books hold exactly what was written down; what came of it."""
    come = _Progress()
    try:
        if sent["invoice"]:
            come.keep("invoice", _bring(client, Kind.INVOICE, sent, "invoice", order, come))
        else:
            come.keep("invoice", _cancel(client, Kind.INVOICE, sent, "invoice", order, come))
        if sent["credit"]:
            come.keep("credit", _bring(client, Kind.CREDIT_NOTE, sent, "credit", order, come))
        elif sent["credit_key"]:
            come.keep("credit", _cancel(client, Kind.CREDIT_NOTE, sent, "credit", order, come))
    except ChannelError as error:
        return _failed(error, come)
    return _done(sent, come.held)


def look_for(client: Client, sent: Sent, order: Order) -> Outcome | NotThere:
    """What the books say about a posting whose answer never came."""
    held: dict[str, Record | None] = {}
    try:
        for name, kind in (("invoice", Kind.INVOICE), ("credit", Kind.CREDIT_NOTE)):
            wanted = sent[name]
            if wanted is None and sent[f"{name}_key"] is None:
                continue
            found = _held(client, kind, sent, name, order)
            if found is None or not _is_right(wanted, found):
                return NotThere()
            held[name] = found
    except Refused as problem:
        return Outcome(State.REFUSED, problem.words, problem.code)
    return _done(sent, held)


def _bring(
    client: Client, kind: Kind, sent: Sent, name: str, order: Order, come: _Progress
) -> Record:
    """Create the document, or bring the held one to what is wanted."""
    wanted = sent[name]
    held = _held(client, kind, sent, name, order)
    if held is not None and is_as_wanted(wanted, held):
        return held
    if held is not None and is_e_invoice(held):
        raise Refused(
            f"{wanted['docno']} is an e-invoice already and may not be changed: correct it in SQL Account "
            "by a credit note."
        )
    if kind is Kind.CREDIT_NOTE and come.held and come.held.get("invoice"):
        wanted = linked(wanted, come.held["invoice"] or {})
    come.has_written = True
    if held is not None:
        client.change(kind, key_of(held), changed(wanted, held))
        return _compared(client, kind, wanted, key_of(held))
    answered = client.create(kind, wanted)
    if answered.get("dockey") and rows_of(answered) and is_as_wanted(wanted, answered):
        return answered
    return _compared(client, kind, wanted, _key_of_new(client, kind, wanted, answered))


def _cancel(
    client: Client, kind: Kind, sent: Sent, name: str, order: Order, come: _Progress
) -> Record:
    """Have the held document cancelled; one that is not there needs no cancelling."""
    held = _held(client, kind, sent, name, order)
    if held is None or is_cancelled(held):
        return held or {}
    if is_e_invoice(held):
        raise Refused(
            f"{held['docno']} is an e-invoice already: cancel it in MyInvois within 72 hours, or make a "
            "credit note in SQL Account."
        )
    come.has_written = True
    client.change(kind, key_of(held), cancellation(held))
    after = client.document(kind, key_of(held))
    if not is_cancelled(after):
        raise Refused(f"SQL Account did not cancel {held['docno']}: cancel it there.")
    return after


def _held(client: Client, kind: Kind, sent: Sent, name: str, order: Order) -> Record | None:
    """Our document with its rows, if the books hold it: by its key where we know it, else by number.

    Raises Refused for somebody else's document of that number.
    """
    if key := sent[f"{name}_key"]:
        try:
            return client.document(kind, key)
        except NotFound:
            pass
    number = sent[name]["docno"] if sent[name] else sent["number"]
    found = client.numbered(kind, number)
    if not found:
        return None
    ours = [head for head in found if reference_of(head) == order.channel_order_id]
    if not ours:
        raise Refused(
            f"{number} exists in SQL Account and is not this order's (its reference is "
            f"{reference_of(found[0]) or 'empty'}): rename or delete it there."
        )
    return client.document(kind, key_of(ours[0]))


def _compared(client: Client, kind: Kind, wanted: Mapping[str, Any], key: int) -> Record:
    """The document as the books hold it now. Raises Refused where it does not say what was sent: they
    may keep rows that were left out, or count them twice."""
    held = client.document(kind, key)
    if is_as_wanted(wanted, held):
        return held
    raise Refused(
        f"SQL Account holds {wanted['docno']} with {len(rows_of(held))} rows and a total of {total_of(held)} "
        f"instead of {len(rows_of(wanted))} rows and {total_of(wanted)}: correct it there, or delete it and post again."
    )


def _key_of_new(
    client: Client, kind: Kind, wanted: Mapping[str, Any], answered: Mapping[str, Any]
) -> int:
    if answered.get("dockey"):
        return key_of(answered)
    found = client.numbered(kind, wanted["docno"])
    if not found:
        raise Unreadable(f"SQL Account took {wanted['docno']}, and does not show it yet.")
    return key_of(found[0])


def _is_right(wanted: Mapping[str, Any] | None, held: Record) -> bool:
    return is_as_wanted(wanted, held) if wanted else is_cancelled(held)


def _done(sent: Sent, held: Mapping[str, Record | None] | None) -> Outcome:
    return Outcome(State.DONE, result={"number": sent["number"]}, news=held)


def _failed(error: ChannelError, come: _Progress) -> Outcome:
    """What a failure means: nothing was changed, or it must be asked about; what was brought about
    before it is kept."""
    known = outcome_of(error)
    if come.has_written and not isinstance(error, NotSent) and known is None:
        return Outcome(State.UNCLEAR, error.words, error.code)
    if known is None:
        known = Outcome(State.QUEUED, error.words, error.code, wait=_TRY_AGAIN_IN)
    if known.state is State.REFUSED and come.held:
        return Outcome(State.PARTLY, known.words, known.code, news=come.held)
    return known
