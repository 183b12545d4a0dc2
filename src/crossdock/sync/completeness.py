"""The proof that no order was missed: what a channel lists for a day, against what we have.

A check lists every order that the channel says was created on a day of the company's, compares the
ids with the book, and fetches those that are missing. Listing all of a day costs calls, so that a
check waits while the store's regular sync is at work, and reads in short slices.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

import structlog
from django.utils import timezone

from crossdock.channels.contract import Glimpse, Page
from crossdock.channels.errors import (
    ChannelError,
    NotPermitted,
    NotSent,
    Throttled,
    TokenDead,
    Unclear,
    Unreadable,
)
from crossdock.companies.models import Person
from crossdock.companies.sealing import WrongKey
from crossdock.orders.models import Order
from crossdock.stores.calling import call as call_store
from crossdock.stores.models import Store
from crossdock.stores.registration import NotRegistered
from crossdock.sync import lease
from crossdock.sync.begin import OVERLAP, may_run
from crossdock.sync.days import moments
from crossdock.sync.models import DayCheck, Pull
from crossdock.sync.reading import read_orders, unexpected

log = structlog.get_logger(__name__)

_SLICE_SECONDS = 10.0
_BEHIND_PULLS = 1.0
"""Seconds to wait while a pull of the same store is at work."""
_CHUNK = 1000
_GAPS_AT_ONCE = 50


@dataclass
class Run:
    """A check that this worker has in hand."""

    check: DayCheck
    ids: dict[str, None]
    """The ids listed so far, each once."""
    cursor_is_old: bool


def begin_checks(
    store: Store, chosen: Iterable[date], why: DayCheck.Why, person: Person | None = None
) -> list[DayCheck]:
    """A check of each of these days of the company's; a day that is being checked is not begun twice.

    Of a day that still runs all is checked that sync says is here; the minutes after it are left out.
    """
    wanted = list(chosen)
    zone, latest = store.company.zone, timezone.now() - OVERLAP
    latest = max(latest, store.synced_until or latest)
    rows = []
    for day in wanted:
        since, until = moments(day, day, zone)
        if since < latest:
            rows.append(
                DayCheck(
                    company_id=store.company_id,
                    store=store,
                    day=day,
                    since=since,
                    until=min(until, latest),
                    why=why,
                    person=person,
                )
            )
    DayCheck.objects.bulk_create(rows, ignore_conflicts=True)
    return list(DayCheck.objects.filter(store=store, day__in=wanted, finished_at__isnull=True))


def go_on(store: Store) -> float | None:
    """Work on the store's next open check for a slice; None when none is left or it cannot get on now,
    else the seconds after which to go on."""
    check = _taken_next(store)
    if check is None:
        return None
    run = Run(check, dict.fromkeys(check.seen_ids), cursor_is_old=bool(check.cursor))
    try:
        return _slice(run)
    except lease.Overtaken:
        return None
    except Throttled as refusal:
        _write_down(run)
        return max(refusal.wait, 0.1)
    except ChannelError as error:
        _fail(run, error.words)
    except (NotRegistered, WrongKey) as error:
        _fail(run, str(error))
    except Exception as error:
        log.exception("a check stumbled", store=store.pk, day=str(check.day))
        _fail(run, unexpected(error))
    finally:
        lease.give_back(check)
    return None


def _taken_next(store: Store) -> DayCheck | None:
    """The store's next open check, in hand; None while another worker is at one of them."""
    rows = DayCheck.objects.filter(store=store, finished_at__isnull=True)
    if not may_run(store) or rows.filter(held_until__gte=timezone.now()).exists():
        return None
    first = rows.order_by("failures", "pk").values_list("pk", flat=True).first()
    return lease.take(DayCheck, first) if first else None


def _slice(run: Run) -> float:
    ends = time.monotonic() + _SLICE_SECONDS
    while run.check.compared_at is None:
        if time.monotonic() >= ends or _a_pull_is_at_work(run.check.store):
            _write_down(run)
            return 0.0 if time.monotonic() >= ends else _BEHIND_PULLS
        if _read_page(run):
            _compare(run)
    _fetch_gaps(run.check)
    return 0.0


def _a_pull_is_at_work(store: Store) -> bool:
    pulls = Pull.objects.filter(store=store, finished_at__isnull=True)
    return pulls.filter(held_until__gte=timezone.now()).exists()


def _read_page(run: Run) -> bool:
    """List one page; whether that was the day's last."""
    check = run.check
    page = _listed(run)
    if page is None:
        return False
    if page.next and page.next == check.cursor:
        raise Unreadable("The channel's list does not move on.")
    run.ids |= dict.fromkeys(one.order_id for one in page.glimpses if _is_of(check, one))
    run.cursor_is_old = False
    check.cursor = page.next or ""
    lease.write(check, listed=len(run.ids), error="")
    return page.next is None


def _is_of(check: DayCheck, glimpse: Glimpse) -> bool:
    """Whether it is of this day: some channels' windows take in the second after their end."""
    return glimpse.facts is None or check.since <= glimpse.facts.created_at < check.until


def _listed(run: Run) -> Page | None:
    """A page of the day; None when the cursor of an earlier slice is no longer taken, and the day is
    to be listed anew."""
    check = run.check
    try:
        return call_store(
            check.store,
            lambda known, shop: known.changed(
                shop,
                since=check.since,
                until=check.until,
                cursor=check.cursor or None,
                by_creation=True,
            ),
        )
    except (Throttled, TokenDead, NotPermitted, NotSent, Unclear, NotRegistered, WrongKey):
        raise
    except Exception as error:
        if not run.cursor_is_old:
            raise
        words = error.words if isinstance(error, ChannelError) else unexpected(error)
        log.warning("a day is listed anew", check=check.pk, why=words)
    run.cursor_is_old, run.ids, check.cursor = False, {}, ""
    return None


def _compare(run: Run) -> None:
    """Find the gaps, and write them down before anything is fetched."""
    check, ids = run.check, list(run.ids)
    known = _known(check.store, ids)
    ours = Order.objects.filter(
        store=check.store, created_at__gte=check.since, created_at__lt=check.until
    )
    only_here = set(ours.values_list("channel_order_id", flat=True)) - set(ids)
    lease.write(
        check,
        compared_at=timezone.now(),
        listed=len(ids),
        known_before=len(known),
        only_here=len(only_here),
        gap_ids=[order_id for order_id in ids if order_id not in known],
        seen_ids=[],
        cursor="",
    )


def _fetch_gaps(check: DayCheck) -> None:
    """Bring the missing orders into the book; those that cannot be read are set aside, and told."""
    left = sorted(set(check.gap_ids) - _known(check.store, check.gap_ids))
    words = ""
    for start in range(0, len(left), _GAPS_AT_ONCE):
        part = left[start : start + _GAPS_AT_ONCE]
        bad = read_orders(check.store, part, tries=check.failures).bad
        words = words or next(iter(bad.values()), "")
        lease.write(check)
    fetched = len(_known(check.store, check.gap_ids))
    if check.gap_ids:
        numbers = {"missing": len(check.gap_ids), "fetched": fetched}
        log.warning("a day was not complete", store=check.store_id, day=str(check.day), **numbers)
    lease.end(check, fetched=fetched, error=words)


def _known(store: Store, ids: Sequence[str]) -> set[str]:
    """Those of these ids that are in the book."""
    found: set[str] = set()
    for start in range(0, len(ids), _CHUNK):
        rows = Order.objects.filter(store=store, channel_order_id__in=ids[start : start + _CHUNK])
        found.update(rows.values_list("channel_order_id", flat=True))
    return found


def _write_down(run: Run) -> None:
    """Where the list stands, with all that it told so far."""
    if run.check.compared_at is None:
        with suppress(lease.Overtaken):
            lease.write(run.check, cursor=run.check.cursor, seen_ids=list(run.ids))


def _fail(run: Run, words: str) -> None:
    """Keep the failure where people see it; the schedule goes on with the check."""
    _write_down(run)
    lease.give_back(run.check, error=words, failures=run.check.failures + 1)
