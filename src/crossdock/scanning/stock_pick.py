"""Stock Pick: the order is scanned, then its items, until what is in the parcel is what belongs there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils import timezone

from crossdock.companies.models import Person
from crossdock.orders import marks
from crossdock.orders.facts import facts_of, marks_of
from crossdock.orders.find import Found, find
from crossdock.orders.models import Order
from crossdock.orders.record import locked
from crossdock.orders.stock import UNTOLD, stocks_of
from crossdock.rules.allowed import Answer as Rule
from crossdock.rules.allowed import may_pick, may_verify
from crossdock.rules.codes import other_keyboard
from crossdock.rules.picking import UNKNOWN_LOCATION
from crossdock.rules.verification import (
    MOST_AT_ONCE,
    Meant,
    Standing,
    Target,
    difference,
    meant,
    standing_of,
    standing_of_all,
    targets_of,
)
from crossdock.scanning.models import Answer, Verification, VerificationScan
from crossdock.scanning.verdict import stays_here


@dataclass(frozen=True, slots=True)
class Told:
    """What a scan on this page is told."""

    answer: str
    """A value of ``Answer``, or one of this page's own: ``item``, ``overscan``, ``complete``."""
    words: str
    order: Order | None = None
    choices: Sequence[Found] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """An item of the order in hand, for the page."""

    target: Target
    scanned: int
    location: str
    """Where it lies."""

    @property
    def standing(self) -> Standing:
        """How it stands."""
        return standing_of(self.target.quantity, self.scanned)


def in_hand(person: Person) -> Verification | None:
    """The order that this person is verifying; None when there is none."""
    rows = Verification.objects.filter(person=person, ended_at__isnull=True)
    return rows.select_related("order__store").order_by("-pk").first()


def items_of(verification: Verification) -> list[Item]:
    """The items of an order in hand, with what was scanned of each."""
    scanned = _scanned(verification)
    order = verification.order
    stocks = stocks_of([order])
    return [
        Item(
            one,
            scanned.get(one.key, 0),
            stocks.get((order.store_id, one.key), UNTOLD).location or UNKNOWN_LOCATION,
        )
        for one in _targets(order)
    ]


def take(
    person: Person, code: str, *, nonce: str, quantity: int = 1, chosen: int | None = None
) -> Told:
    """Take in a scan: an item of the order in hand, or else the order to verify next.

    The same ``nonce`` counts once. ``quantity``: so many of the item, where it was typed.
    """
    with transaction.atomic():
        current = _held(person)
        if current is not None:
            item = meant(code, _targets(current.order), _scanned(current))
            if item is not None:
                return _hinders(current) or _count(current, person, item, nonce, quantity)
        return _on_order(person, current, code, chosen)


def undo(person: Person) -> Told | None:
    """Take back the last scan of the order in hand; None when there is nothing to take back."""
    with transaction.atomic():
        current = _held(person)
        last = current.scans.order_by("-pk").first() if current else None
        if current is None or last is None:
            return None
        last.delete()
        return Told("item", f"Taken back: {last.quantity} × {last.item}.", current.order)


def complete_by_hand(person: Person) -> Told | None:
    """End the order in hand though its items differ: who did, and what differs, is kept."""
    with transaction.atomic():
        current = _held(person)
        if current is None:
            return None
        return _hinders(current) or _end(current, person, Verification.Outcome.BY_HAND)


def leave(person: Person) -> None:
    """Put the order in hand aside, unverified. What was scanned of it is not counted again."""
    with transaction.atomic():
        current = _held(person)
        if current is not None:
            current.outcome, current.ended_at = Verification.Outcome.LEFT, timezone.now()
            current.save(update_fields=["outcome", "ended_at"])


def _held(person: Person) -> Verification | None:
    """The order in hand, locked for this transaction."""
    current = in_hand(person)
    if current is None:
        return None
    (order,) = locked([current.order_id])
    held = Verification.objects.select_for_update().get(pk=current.pk)
    held.order = order
    return held if held.ended_at is None and held.person_id == person.pk else None


def _hinders(current: Verification) -> Told | None:
    """Why the order in hand cannot be gone on with since it was taken; None where it can."""
    return _died(current) or _unread(current)


def _unread(current: Verification) -> Told | None:
    """What is told where nobody knows any more what belongs into the order in hand."""
    ruled = may_pick(facts_of(current.order))
    if ruled.ok:
        return None
    words = f"{ruled.why[:1].upper()}{ruled.why[1:]}: leave it."
    return Told(Answer.WRONG_STAGE.value, words, current.order)


def _died(current: Verification) -> Told | None:
    """What is told where the order in hand was cancelled meanwhile; None while it lives."""
    stays = stays_here(Found(current.order))
    if stays is None:
        return None
    words = f"{stays.words} Leave it, and keep the parcel here."
    return Told(stays.answer.value, words, current.order)


def _count(current: Verification, person: Person, item: Meant, nonce: str, quantity: int) -> Told:
    number = min(item.quantity if item.quantity > 1 else max(quantity, 1), MOST_AT_ONCE)
    try:
        with transaction.atomic():
            VerificationScan.objects.create(
                company_id=current.company_id, verification=current, nonce=nonce, item=item.key,
                quantity=number, person=person,
            )  # fmt: skip
    except IntegrityError:
        return Told("item", "Counted already.", current.order)
    targets, scanned = _targets(current.order), _scanned(current)
    if standing_of_all(targets, scanned) is Standing.COMPLETE:
        return _end(current, person, Verification.Outcome.COMPLETE)
    target = next(one for one in targets if one.key == item.key)
    count = scanned[item.key]
    words = f"{item.key}: {count} of {target.quantity}"
    if standing_of(target.quantity, count) is Standing.OVERSCAN:
        return Told("overscan", f"{words}. Take {count - target.quantity} out.", current.order)
    return Told("item", f"{words}.", current.order)


def _end(current: Verification, person: Person, outcome: Verification.Outcome) -> Told:
    order = current.order
    current.difference = {
        key: list(pair) for key, pair in difference(_targets(order), _scanned(current)).items()
    }
    current.outcome, current.person, current.ended_at = outcome, person, timezone.now()
    current.save(update_fields=["difference", "outcome", "person", "ended_at"])
    by_hand = outcome is Verification.Outcome.BY_HAND
    marks.mark_verified(order, current.ended_at, person, _words(current.difference, by_hand))
    return Told("complete", "Completed by hand." if by_hand else "Every item is there.", order)


def _words(differs: Mapping[str, Sequence[int]], by_hand: bool) -> str:
    """What the order's history says."""
    if not by_hand:
        return "Verified: every item was scanned."
    if not differs:
        return "Verified by hand."
    named = ", ".join(f"{key} {scanned} of {target}" for key, (target, scanned) in differs.items())
    return f"Verified by hand, with a difference: {named}."


def _on_order(person: Person, current: Verification | None, code: str, chosen: int | None) -> Told:
    matches = [one for one in find(code) if chosen is None or one.order.pk == chosen]
    if not matches:
        words = "Not an item of this order." if current else "No order has this code."
        order = current.order if current else None
        stop = _hinders(current) if current else None
        return stop or Told(Answer.UNKNOWN.value, other_keyboard(code) or words, order)
    if len(matches) == 1 and (stays := stays_here(matches[0])):
        return Told(stays.answer.value, stays.words, matches[0].order)
    if current is not None and [one.order.pk for one in matches] == [current.order_id]:
        return _hinders(current) or Told(
            "item", "This order is in hand: scan its items.", current.order
        )
    if current is not None:
        return _hinders(current) or Told(
            Answer.WRONG_STAGE.value,
            f"{current.order.channel_order_id} is not complete yet: scan the rest, complete it by hand, "
            "or leave it.",
            current.order,
        )
    if len(matches) > 1:
        return Told(
            Answer.SEVERAL.value,
            f"{len(matches)} orders have this code: which one?",
            choices=matches,
        )
    return _begin(person, matches[0].order)


def _begin(person: Person, order: Order) -> Told:
    (order,) = locked([order.pk])
    if stays := stays_here(Found(order)):
        return Told(stays.answer.value, stays.words, order)
    ruled = may_verify(facts_of(order), marks_of(order))
    if not ruled.ok:
        why = f"{ruled.why[:1].upper()}{ruled.why[1:]}."
        answer = Answer.ALREADY if ruled.answer is Rule.ALREADY else Answer.WRONG_STAGE
        return Told(answer.value, why, order)
    held, is_new = Verification.objects.get_or_create(
        company_id=order.company_id, order=order, ended_at=None, defaults={"person": person}
    )
    before = held.person
    if not is_new and before != person:
        held.person = person
        held.save(update_fields=["person"])
        return Told(Answer.READY.value, f"Taken over from {before}: go on with its items.", order)
    return Told(Answer.READY.value, f"{order.units} to scan.", order)


def _targets(order: Order) -> tuple[Target, ...]:
    codes = {sku: stock.codes for (_, sku), stock in stocks_of([order]).items()}
    return targets_of(facts_of(order).lines, codes)


def _scanned(verification: Verification) -> dict[str, int]:
    rows = verification.scans.values_list("item").annotate(count=Sum("quantity"))
    return {str(item): int(count) for item, count in rows}
