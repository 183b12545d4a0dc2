"""Opening the labels of a batch: that, and nothing before it, is printing them.

Each opening is noted with the person, on every order. What was opened before is asked about first. What
died since the labels were fetched is left out, and named on a page of its own: that is looked at once
more under the orders' locks, since the answer may have taken a while.
"""

from __future__ import annotations

import hashlib
import secrets
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from django.db import IntegrityError, transaction
from django.utils import timezone

from crossdock import filing
from crossdock.companies.models import Person
from crossdock.orders.labels import mark_opened
from crossdock.orders.models import Order
from crossdock.orders.record import locked
from crossdock.papers.binding import bind
from crossdock.papers.combined import fellows_of
from crossdock.papers.label_order import Labels, grouped, labels_of
from crossdock.papers.left_out import Sorted, left_out_page, sort_out
from crossdock.papers.models import LabelOpening, PaperSettings, Separator
from crossdock.papers.reprints import Reprint, printed_before
from crossdock.papers.stamp import settings_of
from crossdock.papers.words import words_in
from crossdock.work.models import Batch, State

REPRINTS_ASKED_AT = "reprints_asked_at"
"""Option of a batch: when the person who began it was asked about the labels printed until then."""
_SAME = timedelta(minutes=1)
"""For so long a viewer that asks for parts of a file, or a second click, is the same opening."""
_TRIES = 5


class NoLabels(LookupError):
    """The batch has no labels, or they are not kept any more."""


class Unsettled(RuntimeError):
    """Orders changed again and again while their labels were being opened."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What must be asked before these labels are opened."""

    again: Sequence[Reprint]
    """Orders whose labels were opened before."""
    openings: Sequence[LabelOpening]
    """The batch's latest openings, the newest first."""
    labels: Sorted


def open_labels(
    batch: Batch, person: Person, *, form_key: str = "", sure: bool = False
) -> LabelOpening | Asked:
    """Open a batch's labels for a person, and note it; or what to ask first (never of one who is
    ``sure``). The same ``form_key`` is the same opening for a minute; sent again later, it is a new one,
    and no answer to any question.

    Raises NoLabels and Unsettled.
    """
    key = form_key or secrets.token_urlsafe(16)
    if form_key and (same := _same(batch, person, form_key=form_key)):
        return same
    if form_key and LabelOpening.objects.filter(form_key=form_key).exists():
        key, sure = secrets.token_urlsafe(16), False
    try:
        for _ in range(_TRIES):
            if (answer := _try(batch, person, key, sure)) is not None:
                return answer
    except IntegrityError:
        return LabelOpening.objects.get(form_key=key)
    raise Unsettled


def just_opened(batch: Batch, person: Person) -> LabelOpening | None:
    """This person's own opening of the last minute; None: there is none."""
    return _same(batch, person)


def file_of_opening(opening: LabelOpening) -> str:
    """What the PDF of an opening is kept as. Raises NoLabels when it is not kept any more."""
    if not filing.is_kept(opening.file):
        raise NoLabels
    return opening.file


def bound(batch: Batch, labels: Sorted) -> str:
    """The PDF of these labels, made unless it is there: what it is kept as. A label that cannot be laid into
    it spoils no other: it is refused."""
    kept = settings_of(batch.company)
    name = f"awb/{batch.company_id}/batch-{batch.pk}-{_mark(labels, kept)}.pdf"
    if filing.is_kept(name):
        return name
    words, page = words_in(kept.language), None
    with tempfile.TemporaryDirectory() as folder:
        going = _at_hand(labels.going, Path(folder))
        if labels.left_out:
            page = Path(folder) / "left-out.pdf"
            left_out_page(labels.left_out, going, kept, words, _note(batch), page)
        made = Path(folder) / "labels.pdf"
        groups = grouped(going, Separator(kept.separator))
        spoiled = bind(groups, kept, words, _note(batch), made, page)
        _refuse(batch, [name for name, place in _places(labels.going, going) if place in spoiled])
        if made.is_file():
            filing.keep_file(name, made)
    return name


def _at_hand(labels: Sequence[Labels], folder: Path) -> list[Labels]:
    """The same labels, each where it lies; one that has gone meanwhile lies nowhere in ``folder``."""
    places = filing.near(_names(labels), folder)
    return [
        replace(one, files=tuple(places.get(str(file), folder / file) for file in one.files))
        for one in labels
    ]


def _places(labels: Sequence[Labels], at_hand: Sequence[Labels]) -> Iterator[tuple[str, Path]]:
    """What each label is kept as, and where it lies."""
    return zip(_names(labels), (file for one in at_hand for file in one.files), strict=True)


def _names(labels: Sequence[Labels]) -> list[str]:
    return [str(file) for one in labels for file in one.files]


def _refuse(batch: Batch, spoiled: Sequence[str]) -> None:
    """Say of labels that could not be bound that they are not in the PDF."""
    for name in spoiled:
        batch.attempts.filter(result__files__contains=[name]).update(
            state=State.REFUSED, words="This label could not be laid into the PDF: print it again."
        )


def _same(batch: Batch, person: Person, **more: str) -> LabelOpening | None:
    since = timezone.now() - _SAME
    rows = LabelOpening.objects.filter(batch=batch, person=person, at__gte=since, **more)
    return rows.order_by("-pk").first()


def _try(batch: Batch, person: Person, key: str, sure: bool) -> LabelOpening | Asked | None:
    """One try; None: what was bound is no longer what may be printed."""
    labels = _kept_labels(batch)
    keys = [one.order for one in labels]
    orders = _loaded(keys)
    seen = sort_out(labels, orders)
    if not sure and (asked := _asked(batch, seen, orders)):
        return asked
    file = bound(batch, seen)
    with transaction.atomic():
        together = [order.pk for order in fellows_of(seen.going)]
        orders = {order.pk: order for order in locked([*keys, *together])}
        if sort_out(_kept_labels(batch), orders) != seen:
            return None
        return _noted(batch, person, key, seen, orders, file)


def _kept_labels(batch: Batch) -> list[Labels]:
    labels = labels_of(batch)
    if not labels or filing.missing(_names(labels)):
        raise NoLabels
    return labels


def _loaded(keys: Sequence[int]) -> dict[int, Order]:
    rows = Order.objects.filter(pk__in=keys).prefetch_related("lines", "packages")
    return {order.pk: order for order in rows}


def _asked(batch: Batch, labels: Sorted, orders: Mapping[int, Order]) -> Asked | None:
    """What is to be asked; None where nobody opened any of these labels since it was asked last."""
    told = batch.options.get(REPRINTS_ASKED_AT)
    since = datetime.fromisoformat(told) if told else None
    again = printed_before([orders[one.order] for one in labels.going], since)
    openings = LabelOpening.objects.filter(batch=batch).select_related("person").order_by("-pk")
    latest = list(openings[:5])
    return Asked(again, latest, labels) if again or latest else None


def _noted(
    batch: Batch,
    person: Person,
    key: str,
    labels: Sorted,
    orders: Mapping[int, Order],
    file: str,
) -> LabelOpening:
    """Write down that these labels were opened, also for the orders that travel in the same parcels. All
    of them are locked."""
    now = timezone.now()
    opening = LabelOpening.objects.create(
        company_id=batch.company_id,
        batch=batch,
        person=person,
        form_key=key,
        file=file,
        order_count=len(labels.going),
        left_out={one.order_id: str(one.told) for one in labels.left_out},
    )
    together = [orders[one.pk] for one in fellows_of(labels.going) if one.pk in orders]
    named = {package_id for one in labels.going for package_id in one.packages}
    mark_opened(
        [orders[one.order] for one in labels.going],
        [
            *(pk for one in labels.going for pk in _packages(orders[one.order], one)),
            *(
                one.pk
                for order in together
                for one in order.packages.all()
                if one.package_id in named
            ),
        ],
        together=together,
        at=now,
        person=person,
        batch_id=batch.pk,
    )
    return opening


def _packages(order: Order, labels: Labels) -> list[int]:
    """The packages (keys) whose labels these are; all that live where a label does not tell."""
    named = set(labels.packages)
    return [
        one.pk
        for one in order.packages.all()
        if one.voided_at is None and ("" in named or one.package_id in named)
    ]


def _mark(labels: Sorted, kept: PaperSettings) -> str:
    """Stands for all that a PDF of these labels shows: another one is another file."""
    parted = kept.separator != Separator.NONE
    told = [
        [
            (str(file), one.courier, one.wave, one.times_printed if parted else 0)
            for file in one.files
        ]
        for one in labels.going
    ]
    settings_now = (kept.awb_size, kept.separator, kept.last_first, kept.language)
    shown = repr((told, labels.left_out, settings_now))
    return hashlib.sha256(shown.encode()).hexdigest()[:16]


def _note(batch: Batch) -> str:
    """The small print of separator pages: which batch, when, by whom."""
    at = batch.started_at.astimezone(batch.company.zone)
    return f"Print AWB {batch.pk} · {at:%Y-%m-%d %H:%M} · {batch.begun_by}"
