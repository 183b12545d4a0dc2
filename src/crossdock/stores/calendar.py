"""When authorisations end, and when that is worth a warning: 30, 7 and 1 days before, and after."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Q, QuerySet
from django.utils import timezone

from crossdock.stores.models import Store
from crossdock.stores.tokens import DEAD


class Stage(StrEnum):
    """How pressing it is; kept in ``Store.token_warned``."""

    CALM = ""
    MONTH = "30"
    WEEK = "7"
    DAY = "1"
    DEAD = "dead"

    @property
    def milder(self) -> frozenset[Stage]:
        """The stages that come before it."""
        order = list(Stage)
        return frozenset(order[: order.index(self)])


_WITHIN = {Stage.DAY: 1, Stage.WEEK: 7, Stage.MONTH: 30}


@dataclass(frozen=True, slots=True)
class Ending:
    """The end of one store's authorisation, as it is looked at now."""

    store: Store
    stage: Stage
    end: datetime | None
    days: int | None
    """Whole days left; None where the end is not known."""

    @property
    def words(self) -> str:
        """What it means, in a sentence."""
        name = self.store.name
        if self.stage is Stage.DEAD:
            reason = self.store.token_dead_words.removeprefix(DEAD) or "its authorisation has ended"
            return f"{name} must be linked again: {reason}"
        if self.days is None:
            return f"The marketplace does not say when the authorisation of {name} ends."
        return f"The authorisation of {name} ends {in_days(self.days)}."


def ending_of(store: Store, now: datetime | None = None) -> Ending:
    """How near the end of a store's authorisation is."""
    now = now or timezone.now()
    end, granted = end_of(store, now)
    if store.needs_relink or (end is not None and end <= now):
        return Ending(store, Stage.DEAD, end, 0)
    if end is None:
        return Ending(store, Stage.CALM, None, None)
    due = (stage for stage, within in _WITHIN.items() if _is_due(end, granted, now, within))
    return Ending(store, next(due, Stage.CALM), end, (end - now) // timedelta(days=1))


def end_of(store: Store, now: datetime) -> tuple[datetime | None, datetime | None]:
    """When a store's authorisation ends, and since when that is so.

    A seller's consent outlasts the refresh tokens, which are renewed all the time; only when they
    were not, for weeks, is it the token that ends.
    """
    consent, token = store.consent_ends_at, store.refresh_expires_at
    if consent is None or (token is not None and token < consent and _is_near(token, now)):
        return token, store.end_granted_at
    return consent, store.linked_at


def ending_soon() -> QuerySet[Store]:
    """The linked stores of the running scope whose authorisation may be worth a warning."""
    soon = timezone.now() + timedelta(days=_WITHIN[Stage.MONTH])
    return Store.objects.filter(unlinked_at__isnull=True).filter(
        ~Q(token_dead_words="") | Q(refresh_expires_at__lte=soon) | Q(consent_ends_at__lte=soon)
    )


def _is_near(end: datetime, now: datetime) -> bool:
    return end - now <= timedelta(days=_WITHIN[Stage.WEEK])


def in_days(days: int) -> str:
    """``within a day``, ``in 1 day``, ``in 12 days``."""
    if days < 1:
        return "within a day"
    return f"in {days} day{'' if days == 1 else 's'}"


def _is_due(end: datetime, granted: datetime | None, now: datetime, within: int) -> bool:
    """Whether the end is nearer than so many days.

    A warning that would be due from the first day on, because the authorisation was given for no
    longer than that (Shopee's sellers may choose 7 days), tells nothing and is left out.
    """
    if end - now > timedelta(days=within):
        return False
    return granted is None or end - granted > timedelta(days=within, hours=1)
