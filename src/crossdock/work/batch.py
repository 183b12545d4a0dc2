"""Batches: one bulk action over many orders, of one person or automatic, with an outcome for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from crossdock.companies.models import Company, Person
from crossdock.orders.models import Order
from crossdock.orders.record import locked
from crossdock.work.action import Action, action_named
from crossdock.work.jobs import defer_drain, defer_finish, fill_batch, finish_batch, queue_for
from crossdock.work.lane import lane_for
from crossdock.work.models import OPEN, Attempt, Batch, Priority, State

AT_ONCE = 200
"""Up to this many orders are written in the request itself."""
_CHUNK = 1000
_LOCK_CLASS = 7102
RUNNING = (State.QUEUED, State.SENDING, State.ASKING)
"""States in which a batch still moves by itself."""
FAILED = (State.REFUSED, State.PARTLY, State.CANCELLED)
"""Outcomes that "retry failed" tries again."""

_filters: list[Callable[[Mapping[str, Any]], QuerySet[Order]]] = []


def register_filter(read: Callable[[Mapping[str, Any]], QuerySet[Order]]) -> None:
    """Tell how a stored filter becomes orders. Called once, by the desk, at start."""
    _filters[:] = [read]


def start(
    company: Company,
    person: Person | None,
    action: str,
    *,
    form_key: str,
    order_ids: Sequence[int] | None = None,
    filter: Mapping[str, Any] | None = None,
    options: Mapping[str, Any] | None = None,
    priority: Priority = Priority.BATCH,
    retry_of: Batch | None = None,
) -> Batch:
    """Begin an action over these orders, or over all that match the filter now; ``person`` None: nobody
    began it, it is done automatically.

    The same ``form_key`` gives the same batch, however often and however fast it comes. Attempts
    and the jobs that drain them are written in one transaction. Raises LookupError for an unknown
    action.
    """
    action_named(action)
    if order_ids is None:
        selection = all_that_match(filter or {})
    else:
        selection = {"ids": sorted({int(pk) for pk in order_ids})}
    try:
        with transaction.atomic():
            batch = Batch.objects.create(
                company_id=company.pk,
                person=person,
                action=action,
                form_key=form_key,
                selection={**selection, "priority": int(priority)},
                options=dict(options or {}),
                retry_of=retry_of,
            )
            if order_ids is not None and len(selection["ids"]) <= AT_ONCE:
                _fill_chunk(batch, AT_ONCE)
                _fill_chunk(batch, AT_ONCE)
            else:
                fill_batch.defer(company_id=company.pk, batch_id=batch.pk)
            return batch
    except IntegrityError:
        return Batch.objects.get(form_key=form_key)


def all_that_match(filter: Mapping[str, Any]) -> dict[str, Any]:
    """The selection of all orders that match a stored filter now: later ones do not come in."""
    return {"filter": dict(filter), "up_to": _newest_order()}


def selected(selection: Mapping[str, Any]) -> QuerySet[Order]:
    """The orders of a selection (``Batch.selection``), in no order."""
    if "ids" in selection:
        return Order.objects.filter(pk__in=selection["ids"])
    return _filters[0](selection["filter"]).filter(pk__lte=selection["up_to"])


def start_click(
    company: Company, person: Person, action: str, order: Order, *, form_key: str
) -> Batch:
    """Begin an action on a single order: served before batches."""
    return start(
        company, person, action, form_key=form_key, order_ids=[order.pk], priority=Priority.CLICK
    )


def fill(batch_id: int) -> None:
    """Write the attempts of a batch, chunk by chunk in order of id; each chunk once."""
    more = True
    while more:
        with transaction.atomic():
            batch = Batch.objects.select_for_update().get(pk=batch_id)
            more = _fill_chunk(batch, _CHUNK)


def cancel(batch: Batch) -> int:
    """Stop a batch: what was not sent yet is cancelled; how many."""
    with transaction.atomic():
        Batch.objects.filter(pk=batch.pk, cancelled_at__isnull=True).update(
            cancelled_at=timezone.now()
        )
        stopped = Attempt.objects.filter(
            batch=batch, state__in=(State.QUEUED, State.WAITING)
        ).update(
            state=State.CANCELLED, words="Cancelled before it was sent.", settled_at=timezone.now()
        )
        finish_batch.defer(company_id=batch.company_id, batch_id=batch.pk)
    return stopped


def retry_failed(batch: Batch, person: Person, *, form_key: str, words: str | None = None) -> Batch:
    """A new batch of the orders that failed in this one, or of those that failed for this reason."""
    failed = batch.attempts.filter(state__in=FAILED).values_list("order_id", flat=True)
    if words is not None:
        failed = failed.filter(words=words)
    company = Company.objects.get(pk=batch.company_id)
    return start(
        company,
        person,
        batch.action,
        form_key=form_key,
        order_ids=list(failed),
        options=batch.options,
        retry_of=batch,
    )


def ask_again(attempt: Attempt) -> None:
    """Have an unclear attempt looked up once more in the outside system."""
    with transaction.atomic():
        asked = _set_asking(attempt)
        if asked:
            defer_drain(attempt.company_id, attempt.lane_id, queue=queue_for(Priority.CLICK))


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a batch is."""

    counts: Mapping[State, int]
    total: int
    filled: bool
    running: bool
    rate: float
    """Orders settled a second, since it was started."""
    seconds_left: float | None
    under_way: int = 0
    """How many another batch was at already: neither done nor failed by this one."""

    @property
    def settled(self) -> int:
        """How many orders have an outcome (or wait for a person)."""
        return sum(count for state, count in self.counts.items() if state not in RUNNING)

    @property
    def good(self) -> int:
        """How many are done, or had been done before."""
        return self.counts.get(State.DONE, 0) + self.counts.get(State.ALREADY, 0) - self.under_way

    @property
    def failed(self) -> int:
        """How many did not work out."""
        return sum(self.counts.get(state, 0) for state in FAILED)

    @property
    def unclear(self) -> int:
        """How many a person must look at."""
        return self.counts.get(State.UNCLEAR, 0)

    @property
    def waiting(self) -> int:
        """How many wait for a store to be linked again, or for a closed API."""
        return self.counts.get(State.WAITING, 0)


def progress(batch: Batch) -> Progress:
    """How far this batch is: see ``progress_of``."""
    return progress_of([batch])[batch.pk]


def progress_of(batches: Sequence[Batch]) -> dict[int, Progress]:
    """Batch pk → how far it is, from the attempts of all of them: one query, of the index alone, and
    one more where some were done already."""
    counts: dict[int, dict[State, int]] = {batch.pk: {} for batch in batches}
    rows = Attempt.objects.filter(batch__in=list(counts)).values_list("batch_id", "state")
    for batch_id, state, number in rows.annotate(number=Count("pk")) if counts else ():
        if batch_id is not None:
            counts[batch_id][State(state)] = number
    return _told(batches, counts)


def _told(
    batches: Sequence[Batch], counts: Mapping[int, Mapping[State, int]]
) -> dict[int, Progress]:
    under_way = _under_way([pk for pk, states in counts.items() if states.get(State.ALREADY)])
    return {
        batch.pk: _progress(batch, counts[batch.pk], under_way.get(batch.pk, 0))
        for batch in batches
    }


def _under_way(batch_ids: Sequence[int]) -> dict[int | None, int]:
    """Batch pk → how many of its orders another batch was at already."""
    if not batch_ids:
        return {}
    rows = Attempt.objects.filter(
        batch__in=batch_ids, state=State.ALREADY, result__has_key="batch"
    ).values_list("batch_id")
    return dict(rows.annotate(number=Count("pk")))


def _progress(batch: Batch, counts: Mapping[State, int], under_way: int) -> Progress:
    total = sum(counts.values())
    settled = sum(count for state, count in counts.items() if state not in RUNNING)
    running = batch.finished_at is None
    worked = ((batch.finished_at or timezone.now()) - batch.started_at).total_seconds()
    rate = settled / worked if worked > 0 else 0.0
    return Progress(
        counts=counts,
        total=total,
        filled=batch.filled_at is not None,
        running=running,
        rate=rate,
        seconds_left=(total - settled) / rate if rate and running else None,
        under_way=under_way,
    )


def running() -> QuerySet[Batch]:
    """The company's batches that are not finished, newest first."""
    return Batch.objects.filter(finished_at__isnull=True).select_related("person").order_by("-pk")


def running_with_progress(most: int) -> list[tuple[Batch, Progress]]:
    """The newest running batches, with how far they are: one query, and one more where some were done
    already."""
    counted = {f"in_{state}": Count("attempts", filter=Q(attempts__state=state)) for state in State}
    rows = list(running().annotate(**counted)[:most])
    counts = {
        batch.pk: {state: n for state in State if (n := getattr(batch, f"in_{state}"))}
        for batch in rows
    }
    told = _told(rows, counts)
    return [(batch, told[batch.pk]) for batch in rows]


def finish_done(lane_id: int) -> None:
    """Have every batch finished whose last attempt this lane settled; once, however often its lane is
    drained before a worker comes to it."""
    touched = Attempt.objects.filter(lane_id=lane_id, batch__finished_at__isnull=True).values(
        "batch_id"
    )
    for batch in done().filter(pk__in=touched):
        defer_finish(batch)


def finish(batch_id: int) -> None:
    """Close a batch all of whose attempts have an outcome: its action makes the product first."""
    with _finishing(batch_id):
        batch = done().filter(pk=batch_id).first()
        if batch is None:
            return
        action_named(batch.action).finish(batch)
        Batch.objects.filter(pk=batch_id).update(finished_at=timezone.now())


def done() -> QuerySet[Batch]:
    """Batches that nobody has closed though every attempt has an outcome, and every order that
    changed out there has been read again."""
    moving = Attempt.objects.filter(batch=OuterRef("pk")).filter(
        Q(state__in=RUNNING) | Q(unread=True)
    )
    return Batch.objects.filter(finished_at__isnull=True, filled_at__isnull=False).exclude(
        Exists(moving)
    )


@contextmanager
def _finishing(batch_id: int) -> Iterator[None]:
    """Only one finishes a batch at a time: a lock of the session, outside of transactions."""
    key = [_LOCK_CLASS, batch_id]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", key)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", key)


def _fill_chunk(batch: Batch, most: int) -> bool:
    """Write the next attempts; whether there may be more. In the caller's transaction."""
    if batch.filled_at is not None:
        return False
    chosen = [] if batch.cancelled_at else _next_orders(batch, most)
    if not chosen:
        batch.filled_at = timezone.now()
        batch.save(update_fields=["filled_at"])
        finish_batch.defer(company_id=batch.company_id, batch_id=batch.pk)
        return False
    _write_attempts(batch, locked(chosen))
    batch.filled_up_to = max(chosen)
    batch.save(update_fields=["filled_up_to"])
    return True


def _next_orders(batch: Batch, most: int) -> list[int]:
    return list(
        selected(batch.selection)
        .filter(pk__gt=batch.filled_up_to)
        .order_by("pk")
        .values_list("pk", flat=True)[:most]
    )


def _write_attempts(batch: Batch, orders: Sequence[Order]) -> None:
    action = action_named(batch.action)
    busy = dict(
        Attempt.objects.filter(order__in=orders, action=batch.action, state__in=OPEN).values_list(
            "order_id", "batch_id"
        )
    )
    lanes: dict[str, int] = {}
    rows = []
    for order in orders:
        lane_id = _lane_id(action, order, batch.selection["priority"], lanes)
        rows.append(_attempt(batch, order, lane_id, busy))
    Attempt.objects.bulk_create(rows)
    for lane_id in sorted({row.lane_id for row in rows if row.state == State.QUEUED}):
        defer_drain(batch.company_id, lane_id, queue=queue_for(batch.selection["priority"]))


def _lane_id(action: Action, order: Order, priority: int, lanes: dict[str, int]) -> int:
    plan = action.lane(order, priority)
    if plan.name not in lanes:
        lanes[plan.name] = lane_for(order.company_id, plan).pk
    return lanes[plan.name]


def _attempt(batch: Batch, order: Order, lane_id: int, busy: Mapping[int, int | None]) -> Attempt:
    attempt = Attempt(
        company_id=batch.company_id,
        order=order,
        action=batch.action,
        batch=batch,
        lane_id=lane_id,
        person_id=batch.person_id,
        priority=batch.selection["priority"],
        options=batch.options,
    )
    if order.pk in busy:
        other = busy[order.pk]
        attempt.state, attempt.settled_at = State.ALREADY, timezone.now()
        attempt.words = "Already being done" + (f" in batch {other}." if other else ".")
        attempt.result = {"batch": other}
    return attempt


def _set_asking(attempt: Attempt) -> bool:
    return bool(
        Attempt.objects.filter(pk=attempt.pk, state=State.UNCLEAR).update(
            state=State.ASKING, due_at=timezone.now()
        )
    )


def _newest_order() -> int:
    newest: int | None = Order.objects.aggregate(newest=Max("pk"))["newest"]
    return newest or 0
