"""Our own marks on orders: kept beside the channel's facts, and never changed by them but where the
channel undid a step (``record``)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from crossdock.companies.models import Person
from crossdock.orders.facts import facts_of, marks_of
from crossdock.orders.history import note
from crossdock.orders.models import DeliveryTry, Order
from crossdock.rules.tabs import tab_of

TO_BE_POSTED_AGAIN = "again"
"""Stands where the fingerprint of what was posted stood: it fits no facts."""


def mark_packed(orders: Sequence[Order], at: datetime) -> None:
    """Note that they were packed here, for channels where packing is a local mark. They are locked."""
    _save_marks(orders, "packed_here_at", at)


def mark_verified(order: Order, at: datetime, person: Person, words: str) -> None:
    """Note that its items were checked at the bench; ``words`` go into its history. ``order`` is locked."""
    order.verified_at = at
    order.save(update_fields=["verified_at"])
    note(order, "verified", words, person=person)


def mark_details_removed(order_ids: Sequence[int], at: datetime) -> None:
    """Note that what is kept for a time only is gone of them. They are locked."""
    Order.objects.filter(pk__in=list(order_ids)).update(details_removed_at=at)


def mark_delivered(orders: Sequence[Order], at: datetime) -> None:
    """Note that the seller delivered them, where the channel has no call for it. They are locked."""
    _save_marks(orders, "delivered_here_at", at)


def note_delivery_try(
    order: Order,
    person: Person,
    form_key: str,
    *,
    failed_because: str = "",
    recipient: str = "",
    photo: str = "",
) -> None:
    """Keep what the seller's own driver tells of a delivery, once a form. ``order`` is locked.

    A failed one goes into the history; one that worked is told there by the action that marks it.
    """
    told = {"failed_because": failed_because, "recipient": recipient, "photo": photo}
    _, is_new = DeliveryTry.objects.get_or_create(
        company_id=order.company_id,
        order=order,
        form_key=form_key,
        defaults={"person": person, **told},
    )
    if is_new and failed_because:
        order.delivery_failures += 1
        order.save(update_fields=["delivery_failures"])
        note(order, "delivery failed", f"Not delivered: {failed_because}.", person=person)


def set_note(order: Order, text: str, person: Person) -> None:
    """Keep what people of the company note on an order; the history tells who. ``order`` is locked."""
    order.our_note = text
    order.save(update_fields=["our_note"])
    note(order, "note", f"Noted: {text}" if text else "The note was taken off.", person=person)


def mark_posted(order: Order, posted: str) -> None:
    """Note the fingerprint of the billed facts that were posted; archived while they stay so."""
    order.posted_fingerprint = posted
    order.archived = posted == order.fingerprint
    order.save(update_fields=["posted_fingerprint", "archived"])


def mark_to_post_again(order: Order) -> None:
    """Bring a posted order back to those that wait to be posted, though its facts have not changed."""
    order.posted_fingerprint, order.archived = TO_BE_POSTED_AGAIN, False
    order.save(update_fields=["posted_fingerprint", "archived"])


def _save_marks(orders: Sequence[Order], mark: str, at: datetime) -> None:
    """Set one mark of all, and the tab that follows for each."""
    by_tab: dict[str, list[int]] = {}
    for order in orders:
        setattr(order, mark, at)
        order.tab = tab_of(facts_of(order), marks_of(order)).value
        by_tab.setdefault(order.tab, []).append(order.pk)
    for tab, order_ids in by_tab.items():
        Order.objects.filter(pk__in=order_ids).update(**{"tab": tab, mark: at})
