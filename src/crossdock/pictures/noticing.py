"""Orders were written: their lines' pictures are looked at, in the same transaction.

A new address travels in a job of that transaction, so that it is neither lost nor ever waited for: the
rows of pictures are written by the job, whose transaction holds nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence

from crossdock.pictures.jobs import defer_want
from crossdock.pictures.wanting import not_noted_today
from crossdock.rules.facts import OrderFacts
from crossdock.stores.models import Store


def look_at(store: Store, orders: Sequence[OrderFacts]) -> None:
    """Have the pictures fetched that these orders' lines name and that are not known yet."""
    urls = {line.image_url for order in orders for line in order.lines}
    if news := not_noted_today(urls):
        defer_want(store.company_id, news)
