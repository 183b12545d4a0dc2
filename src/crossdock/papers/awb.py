"""Print AWB: every label of the chosen orders in one PDF, in the order in which they were picked.

Labels come from the marketplace and are kept as files in the data folder; nothing is ever drawn on
one. Fetching is reading, so that it may be repeated; a label that was fetched is ready, and counts as
printed once somebody opens it (``opening``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import pikepdf
from django.conf import settings
from django.utils import timezone

from crossdock.channels.contract import Channel, Label, NoLabel, Parcel
from crossdock.channels.errors import ChannelError, Unreadable
from crossdock.orders.labels import mark_ready
from crossdock.orders.models import Order
from crossdock.papers.binding import sheet_of
from crossdock.papers.label_order import labels_of, name_mark
from crossdock.papers.left_out import sort_out
from crossdock.papers.models import PaperSettings, Size
from crossdock.papers.opening import bound
from crossdock.papers.placing import fits
from crossdock.rules.allowed import may_print
from crossdock.rules.facts import OrderFacts
from crossdock.stores.calling import call as call_store
from crossdock.work.action import Ended, NotThere, Outcome
from crossdock.work.models import Attempt, Batch, State
from crossdock.work.on_channel import ChannelAction, outcome_of, packages_at

_LONGEST_WAIT = 30.0
"""Seconds between two looks at a label that the channel is still making."""


class PrintAwb(ChannelAction):
    """The button Print AWB."""

    name = "print_awb"
    title = "Print AWB"
    done_words = "AWB ready"
    settle_after = timedelta(0)
    rule = staticmethod(may_print)

    def per_call(self, known: Channel) -> int:
        return 1

    def parcel(self, order: Order, facts: OrderFacts) -> Parcel:
        return Parcel(facts.order_id, packages_at(facts, lambda stage: stage.is_live))

    def call(self, attempts: Sequence[Attempt]) -> Mapping[int, Outcome]:
        return {attempt.pk: self._fetch(attempt) for attempt in attempts}

    def ask(self, attempts: Sequence[Attempt]) -> Mapping[int, Outcome | NotThere]:
        """A label that did not arrive is simply fetched again."""
        return {attempt.pk: NotThere() for attempt in attempts}

    def record(self, ended: Sequence[Ended]) -> None:
        super().record(ended)
        ready = [one.order.pk for one in ended if one.attempt.state is State.DONE]
        mark_ready(ready, timezone.now())

    def finish(self, batch: Batch) -> None:
        """Bind the labels into the batch's PDF, as it is opened when nothing changes until then."""
        labels = labels_of(batch)
        if labels:
            keys = [one.order for one in labels]
            rows = Order.objects.filter(pk__in=keys).prefetch_related("lines", "packages")
            batch.product = bound(batch, sort_out(labels, rows.in_bulk()))
            Batch.objects.filter(pk=batch.pk).update(product=batch.product)

    def _fetch(self, attempt: Attempt) -> Outcome:
        sent = attempt.sent
        parcel = Parcel(sent["order_id"], tuple(sent["package_ids"]))
        store = attempt.order.store
        try:
            answer = call_store(
                store, lambda known, shop: known.labels(shop, parcel), turns_taken=1
            )
        except ChannelError as error:
            return outcome_of(error) or Outcome(State.QUEUED, error.words, error.code, wait=3.0)
        if isinstance(answer, NoLabel):
            if answer.again:
                wait = min(1.0 + attempt.tries, _LONGEST_WAIT)
                return Outcome(State.QUEUED, answer.words, wait=wait)
            return Outcome(State.REFUSED, answer.words)
        try:
            files = [_keep(attempt, label) for label in answer]
        except Unreadable as error:
            return Outcome(State.REFUSED, error.words)
        return Outcome(State.DONE, _larger(files), result={"files": files})


def _larger(files: Sequence[str]) -> str:
    """Names a label that is larger than the company's paper, and so keeps its own size; "" for none."""
    kept = PaperSettings.objects.first()
    sheet = sheet_of(kept) if kept else None
    if kept is None or sheet is None:
        return ""
    for name in files:
        with pikepdf.open(_root() / name) as opened:
            if not all(fits(page, sheet) for page in opened.pages):
                return f"The label is larger than {Size(kept.awb_size).heading}: it keeps its own size."
    return ""


def _keep(attempt: Attempt, label: Label) -> str:
    """Write a label down, after looking that it is a PDF with pages. Raises Unreadable."""
    mark = name_mark(label.package_id)
    target = _root() / f"awb/{attempt.company_id}/{attempt.order_id}-{attempt.pk}-{mark}.pdf"
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_suffix(".draft")
    draft.write_bytes(label.pdf)
    try:
        with pikepdf.open(draft) as opened:
            pages = len(opened.pages)
    except pikepdf.PdfError as error:
        raise Unreadable(f"The label of package {label.package_id} is damaged: {error}.") from error
    if pages == 0:
        raise Unreadable(f"The label of package {label.package_id} has no page.")
    draft.rename(target)
    return str(target.relative_to(_root()))


def _root() -> Path:
    return Path(settings.MEDIA_ROOT)
