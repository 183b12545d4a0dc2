"""Bringing about what the books should hold of one order, and looking whether they do.

Everything here may be done again: what is already as it should be is left alone, so that a second
run of the same posting makes no call that changes anything. All of an order's documents are looked
at before the first of them is changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crossdock.buttons.call_outcome import outcome_of
from crossdock.channels.errors import ChannelError, NotSent, Refused, Unreadable
from crossdock.orders.models import Order
from crossdock.posting.keeping import Held, note_customer
from crossdock.posting.ours import Part, find, parts_of
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
    number_of,
    reference_of,
    rows_of,
    total_of,
)
from crossdock.work.action import NotThere, Outcome
from crossdock.work.models import State

Sent = Mapping[str, Any]


@dataclass(slots=True)
class _Progress:
    """How far one posting has come."""

    order: Order
    has_written: bool = False
    """A request that changes something was begun: a failure from then on may hide a success."""
    held: dict[str, Record] = field(default_factory=dict)

    def keep(self, name: str, record: Record) -> None:
        """A document is as it should be; what was begun before is over."""
        self.held[name] = record
        self.has_written = False


def bring_about(client: Client, sent: Sent, order: Order, *, era: int) -> Outcome:
    """Have the books of this era hold exactly what was written down; what came of it."""
    come = _Progress(order)
    try:
        found = [(part, find(client, part, order)) for part in parts_of(sent, era)]
        for part, held in found:
            _refuse_e_invoice(part, held)
        for part, held in found:
            bring = _bring if part.wanted else _cancel
            come.keep(part.name, bring(client, part, held, come))
    except ChannelError as error:
        return _failed(error, come, era)
    return _done(sent, come.held, era)


def look_for(client: Client, sent: Sent, order: Order, *, era: int) -> Outcome | NotThere:
    """What the books of this era say about a posting whose answer never came."""
    held: dict[str, Record] = {}
    try:
        for part in parts_of(sent, era):
            found = find(client, part, order, may_have_landed=True)
            if found is None or not _is_right(part.wanted, found):
                return NotThere()
            held[part.name] = found
    except Refused as problem:
        if problem.turned_away:
            raise
        return Outcome(State.REFUSED, problem.words, problem.code)
    return _done(sent, held, era)


def nothing_sent(error: ChannelError) -> Outcome:
    """What a failure means before anything was written."""
    again = Outcome(State.QUEUED, error.words, error.code, wait=None)
    return outcome_of(error) or again


def _refuse_e_invoice(part: Part, held: Record | None) -> None:
    """What was submitted to MyInvois may not be changed any more. Raises Refused."""
    if held is None or not is_e_invoice(held):
        return
    if part.wanted and not is_as_wanted(part.wanted, held):
        raise Refused(
            f"{number_of(held)} is an e-invoice already and may not be changed: correct it in SQL Account "
            "by a credit note."
        )
    if not part.wanted and not is_cancelled(held):
        raise Refused(
            f"{number_of(held)} is an e-invoice already: cancel it in MyInvois within 72 hours, or make a "
            "credit note in SQL Account."
        )


def _bring(client: Client, part: Part, held: Record | None, come: _Progress) -> Record:
    """Create the document, or bring the held one to what is wanted."""
    wanted: Mapping[str, Any] = part.wanted or {}
    if held is not None and is_as_wanted(wanted, held):
        return held
    if part.kind is Kind.CREDIT_NOTE and come.held.get("invoice"):
        wanted = linked(wanted, come.held["invoice"])
    note_customer(come.order, part.name, wanted["code"])
    come.has_written = True
    if held is not None:
        client.change(part.kind, key_of(held), changed(wanted, held))
        return _compared(client, part.kind, wanted, key_of(held))
    answered = client.create(part.kind, wanted)
    if answered.get("dockey") and rows_of(answered) and is_as_wanted(wanted, answered):
        return answered
    return _compared(client, part.kind, wanted, _key_of_new(client, part.kind, wanted, answered))


def _cancel(client: Client, part: Part, held: Record | None, come: _Progress) -> Record:
    """Have the held document cancelled; one that is not there needs no cancelling."""
    if held is None or (is_cancelled(held) and number_of(held) == part.number):
        return held or {}
    come.has_written = True
    client.change(part.kind, key_of(held), {**cancellation(held), "docno": part.number})
    after = client.document(part.kind, key_of(held))
    if not is_cancelled(after):
        raise Refused(f"SQL Account did not cancel {part.number}: cancel it there.")
    return after


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
    for head in client.numbered(kind, wanted["docno"]):
        if reference_of(head) == wanted["docref1"]:
            return key_of(head)
    raise Unreadable(f"SQL Account took {wanted['docno']}, and does not show it yet.")


def _is_right(wanted: Mapping[str, Any] | None, held: Record) -> bool:
    return is_as_wanted(wanted, held) if wanted else is_cancelled(held)


def _done(sent: Sent, held: Mapping[str, Record], era: int) -> Outcome:
    return Outcome(State.DONE, result={"number": sent["number"]}, evidence=Held(era, held))


def _failed(error: ChannelError, come: _Progress, era: int) -> Outcome:
    """What a failure means: nothing was changed, or it must be asked about; what was brought about
    before it is kept."""
    if come.has_written and not isinstance(error, NotSent) and outcome_of(error) is None:
        return Outcome(State.UNCLEAR, error.words, error.code)
    known = nothing_sent(error)
    if known.state is State.REFUSED and come.held:
        return Outcome(State.PARTLY, known.words, known.code, evidence=Held(era, come.held))
    return known
