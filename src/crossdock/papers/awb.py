"""Print AWB: every label of the chosen orders in one PDF, in the order in which they were picked.

Labels come from the marketplace and are kept as they came; nothing is ever drawn on
one. Fetching is reading, so that it may be repeated; a label that was fetched is ready, and counts as
printed once somebody opens it (``opening``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import structlog
from django.utils import timezone

from crossdock import filing
from crossdock.buttons.call_outcome import outcome_of
from crossdock.buttons.channel_action import ChannelAction
from crossdock.buttons.parcels import packages_at
from crossdock.channels.contract import Channel, Label, NoLabel, Parcel
from crossdock.channels.errors import ChannelError, NotSent, Unreadable
from crossdock.orders.labels import mark_ready
from crossdock.orders.models import Order
from crossdock.papers.binding import sheet_of
from crossdock.papers.combined import fellows
from crossdock.papers.judging import BadLabel, judge
from crossdock.papers.label_order import labels_of, name_mark
from crossdock.papers.left_out import sort_out
from crossdock.papers.models import PaperSettings, Size
from crossdock.papers.opening import bound
from crossdock.rules.allowed import may_print
from crossdock.rules.facts import OrderFacts
from crossdock.stores.calling import call as call_store
from crossdock.work.action import Ended, NotThere, Outcome, Seen
from crossdock.work.models import Attempt, Batch, State

log = structlog.get_logger(__name__)

_SHORT_WAIT = 3.0
"""Seconds between two tries where the channel gives no answer."""
_LONGEST_WAIT = 30.0
"""Seconds between two looks at a label that the channel is still making."""
_MOST_LOOKS = 20
"""Looks at such a label, about three and a half minutes: the others of the batch wait for it."""

_STORE_AWAY = "The label came, but the store of files does not answer: it is fetched again."


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

    def ask(self, attempts: Sequence[Attempt]) -> Mapping[int, Seen]:
        """A label that did not arrive is simply fetched again."""
        return {attempt.pk: NotThere() for attempt in attempts}

    def record(self, ended: Sequence[Ended]) -> None:
        super().record(ended)
        good = (State.DONE, State.PARTLY)
        ready = [one.order.pk for one in ended if one.attempt.state in good]
        mark_ready(ready, timezone.now())

    def finish(self, batch: Batch) -> None:
        """Bind the labels into the batch's PDF, as it is opened when nothing changes until then."""
        labels = labels_of(batch)
        if labels:
            keys = [one.order for one in labels]
            rows = Order.objects.filter(pk__in=keys).prefetch_related("lines", "packages")
            product = bound(batch, sort_out(labels, rows.in_bulk()))
            if filing.is_kept(product):
                batch.product = product
                Batch.objects.filter(pk=batch.pk).update(product=product)

    def _fetch(self, attempt: Attempt) -> Outcome:
        sent = attempt.sent
        parcel = Parcel(sent["order_id"], tuple(sent["package_ids"]))
        store = attempt.order.store
        try:
            answer = call_store(
                store, lambda known, shop: known.labels(shop, parcel), turns_taken=1
            )
        except Unreadable as error:
            parcels = ", ".join(parcel.package_ids)
            return Outcome(State.REFUSED, f"The label of package {parcels}: {error.words}")
        except ChannelError as error:
            # Somebody waits for the paper: not for long.
            known = outcome_of(error) or Outcome(State.QUEUED, error.words, error.code)
            counts = known.counts or isinstance(error, NotSent)
            wait = _SHORT_WAIT if known.wait is None else known.wait
            return replace(known, wait=wait, counts=counts)
        if isinstance(answer, NoLabel):
            if answer.again and attempt.tries < _MOST_LOOKS:
                wait = min(1.0 + attempt.tries, _LONGEST_WAIT)
                return Outcome(State.QUEUED, answer.words, wait=wait)
            later = " It was waited for: print it again later." if answer.again else ""
            return Outcome(State.REFUSED, f"{answer.words}{later}")
        return _kept(attempt, answer)


def _kept(attempt: Attempt, labels: Sequence[Label]) -> Outcome:
    """Keep the labels that can be printed; the others are named, with what is wrong with them."""
    kept = PaperSettings.objects.first()
    sheet = sheet_of(kept) if kept else None
    files, words, bad = [], [], False
    for label in labels:
        try:
            is_whole = judge(label.pdf, sheet)
            files.append(_keep(attempt, label))
        except filing.StoreAway:
            return Outcome(State.QUEUED, _STORE_AWAY, wait=_SHORT_WAIT)
        except Exception as problem:
            bad = True
            words.append(f"{_called(attempt, label)} {_wrong(problem)}")
            continue
        if kept and not is_whole:
            size = Size(kept.awb_size).heading
            words.append(f"The label is larger than {size}: it keeps its own size.")
    if files and (together := fellows(attempt)):
        named = ", ".join(order.channel_order_id for order in together)
        words.append(f"One parcel with order {named}: one label for all of it.")
    state = (State.PARTLY if files else State.REFUSED) if bad else State.DONE
    return Outcome(state, " ".join(dict.fromkeys(words)), result={"files": files})


def _called(attempt: Attempt, label: Label) -> str:
    """The label by its parcel."""
    package = attempt.order.packages.filter(package_id=label.package_id).first()
    tracking = package.tracking_number if package else ""
    return f"The label of package {label.package_id}" + (f" ({tracking})" if tracking else "")


def _wrong(problem: Exception) -> str:
    if isinstance(problem, BadLabel):
        return f"{problem} Print it in the seller centre."
    log.exception("a label could not be kept")
    return "could not be kept here; the log says why."


def _keep(attempt: Attempt, label: Label) -> str:
    """Keep a label that can be printed; its name."""
    mark = name_mark(label.package_id)
    name = f"awb/{attempt.company_id}/{attempt.order_id}-{attempt.pk}-{mark}.pdf"
    return filing.keep(name, label.pdf)
