"""Which document of the books is an order's: told by its number, our reference and our customer.

A key alone tells nothing. A person may have renumbered the document, or made it another sale's; in
other books the key is anybody's. What is not ours is left as it stands, and the order is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crossdock.channels.errors import NotFound, Refused
from crossdock.orders.models import Order
from crossdock.posting.models import PostedCreditNote, PostedInvoice
from crossdock.posting.sqlaccount.answers import Record
from crossdock.posting.sqlaccount.client import Client
from crossdock.posting.sqlaccount.documents import (
    Kind,
    as_it_stands,
    customer_of,
    key_of,
    number_of,
    reference_of,
)

NOT_OURS = "not-ours"
"""The code of a refusal that says so."""


@dataclass(frozen=True, slots=True)
class Part:
    """One of an order's documents: what is wanted of it, and how the books' own is known as ours."""

    name: str
    kind: Kind
    wanted: Mapping[str, Any] | None
    """The body that it should have; None: it is to be cancelled."""
    number: str
    key: int | None = None
    """Where the books hold it; None: it is asked for by its number."""
    was_posted: bool = False
    """The books held it once, so that it may stand there under another number."""
    customers: Sequence[str] | None = None
    """The codes under which it may stand by our doing; None: any."""
    may_be_put_right: bool = False
    """A person wants its number and customer set back, where key and reference are ours."""


def parts_of(sent: Mapping[str, Any], era: int) -> list[Part]:
    """The documents of a posting as they were written down, as the books of this era know them."""
    parts = []
    for name, kind in (("invoice", Kind.INVOICE), ("credit", Kind.CREDIT_NOTE)):
        wanted, key = sent[name], sent[f"{name}_key"]
        was_posted = sent.get(f"{name}_posted", key is not None)
        if name == "credit" and wanted is None and not was_posted:
            continue
        parts.append(
            Part(
                name,
                kind,
                wanted,
                wanted["docno"] if wanted else sent.get(f"{name}_number") or sent["number"],
                key=key if sent.get("era", 0) == era else None,
                was_posted=was_posted,
                customers=sent.get(f"{name}_customers"),
                may_be_put_right=bool(sent.get("put_right")),
            )
        )
    return parts


def find(
    client: Client, part: Part, order: Order, *, may_have_landed: bool = False
) -> Record | None:
    """Our document with its rows; None where the books hold none of this order.

    ``may_have_landed``: what is wanted was sent, so that it may stand there with the customer that was
    sent. Raises Refused for a document that is not ours, or not any more, in words that say how it stands.
    """
    if part.key is not None:
        try:
            held = client.document(part.kind, part.key)
        except NotFound:
            held = None
        if held is not None and not was_set_back(held, part.number, order):
            is_put_right = part.may_be_put_right and reference_of(held) == order.channel_order_id
            return held if is_put_right else _ours(part, held, order, may_have_landed)
    if (head := _numbered(client, part, order)) is not None:
        return _ours(part, client.document(part.kind, key_of(head)), order, may_have_landed)
    if part.was_posted:
        _refuse_renumbered(client, part, order)
    return None


def was_set_back(held: Record, number: str, order: Order) -> bool:
    """Whether the books were set back to an earlier day, so that our key was given out again: it leads to
    a document that is another order's, by its number and its reference."""
    return (
        number_of(held) != number
        and reference_of(held) != order.channel_order_id
        and _is_anothers(held, order)
    )


def _ours(part: Part, held: Record, order: Order, may_have_landed: bool) -> Record:
    """This document, if it is ours. Raises Refused."""
    customers = part.customers
    if customers is not None and may_have_landed and part.wanted:
        customers = [*customers, part.wanted["code"]]
    if (
        number_of(held) == part.number
        and reference_of(held) == order.channel_order_id
        and (customers is None or customer_of(held) in customers)
    ):
        return held
    raise _not_ours(part, held, order)


def _numbered(client: Client, part: Part, order: Order) -> Record | None:
    """The head of the document of our number and reference. Raises Refused where the number is
    somebody else's."""
    found = client.numbered(part.kind, part.number)
    for head in found:
        if reference_of(head) == order.channel_order_id:
            return head
    if found and part.was_posted:
        raise _not_ours(part, found[0], order)
    if found:
        raise Refused(
            f"{part.number} exists in SQL Account and is not this order's: it stands there as "
            f"{as_it_stands(found[0])}. Rename or delete it there.",
            code=NOT_OURS,
        )
    return None


def _refuse_renumbered(client: Client, part: Part, order: Order) -> None:
    """A document that was posted stands nowhere under its number: not to be made again where it stands
    under another. Raises Refused."""
    for head in client.referenced(part.kind, order.channel_order_id):
        if not _is_anothers(head, order):
            raise _not_ours(part, head, order)


def _is_anothers(head: Record, order: Order) -> bool:
    """Whether another order's document carries this number: Lazada gives two shops' halves of one
    checkout the same order id, which is the reference of both."""
    number = number_of(head)
    return any(
        model.objects.filter(number=number).exclude(order=order).exists()
        for model in (PostedInvoice, PostedCreditNote)
    )


def _not_ours(part: Part, held: Record, order: Order) -> Refused:
    what = "invoice" if part.kind is Kind.INVOICE else "credit note"
    customer = f", customer {' or '.join(part.customers)}" if part.customers else ""
    return Refused(
        f"No longer ours: this order's {what} stands in SQL Account as {as_it_stands(held)}. We posted it as "
        f"{part.number}{customer}, reference {order.channel_order_id}. Nothing was changed there. Set back in "
        "SQL Account what differs and post again, or keep it so and correct the books by hand.",
        code=NOT_OURS,
    )
