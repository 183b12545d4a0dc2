"""What channels pay for orders, read for the companies that post fees with the goods.

A settlement that was not known when the invoice went out, or that moved since, brings the order back
to those that wait to be posted; posting it again updates the same invoice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from functools import partial

import structlog
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from crossdock.channels.contract import Channel, Shop
from crossdock.channels.errors import ChannelError
from crossdock.channels.registry import channel
from crossdock.orders.facts import facts_of
from crossdock.orders.marks import mark_to_post_again
from crossdock.orders.models import Order
from crossdock.orders.record import locked
from crossdock.posting.models import OrderSettlement, PostedInvoice, SqlAccount
from crossdock.rules.facts import Fee, Settlement, Tab
from crossdock.rules.invoice import belongs
from crossdock.stores.calling import call as call_store
from crossdock.stores.models import Store

log = structlog.get_logger(__name__)

_AT_ONCE = 200
"""Orders of a company that one run asks for."""
_AGAIN_AFTER = timedelta(hours=6)
"""What was not known, or was an estimate, is asked for again so much later."""
_GIVEN_UP_AFTER = timedelta(days=90)
"""Orders that were last touched so long ago are not asked for any more."""
_PAID_OUT = (Tab.SHIPPED.value, Tab.DELIVERED.value, Tab.COMPLETED.value)


def settlement_of(order: Order) -> Settlement | None:
    """What the channel pays for this order, as read last; None while it is not known."""
    row = OrderSettlement.objects.filter(order=order, is_known=True).first()
    if row is None:
        return None
    fees = tuple(Fee(str(name), Decimal(amount)) for name, amount in row.fees)
    return Settlement(
        order.channel_order_id, row.currency, row.amount, row.is_final, row.shipping, fees
    )


def settlement_to_post(order: Order) -> Settlement | None:
    """What goes on the order's invoice besides the goods; None where fees are not posted, not known, or
    the invoice went out before they were to be posted."""
    books = SqlAccount.objects.first()
    if books is None or books.fees_since is None:
        return None
    posted = PostedInvoice.objects.filter(order=order).first()
    is_older = posted and posted.posted_at and posted.posted_at < books.fees_since
    if posted and is_older and not posted.with_fees:
        return None
    return settlement_of(order)


def read_settlements(books: SqlAccount) -> int:
    """Read what is due for the company of these books; how many orders came back to be posted.

    A store that fails is left to the next run; those beside it are read.
    """
    by_store: dict[int, list[Order]] = defaultdict(list)
    for order in due(books)[:_AT_ONCE]:
        by_store[order.store_id].append(order)
    back = 0
    for orders in by_store.values():
        try:
            back += _read_of(orders[0].store, orders)
        except ChannelError as error:
            log.info("settlements are read later", store=orders[0].store_id, words=error.words)
    return back


def due(books: SqlAccount) -> QuerySet[Order]:
    """Orders of which it is to be asked what the channel pays, those that wait longest first."""
    now = timezone.now()
    unknown = Q(settlement=None) | Q(
        settlement__is_final=False, settlement__read_at__lt=now - _AGAIN_AFTER
    )
    rows = Order.objects.filter(
        unknown,
        tab__in=_PAID_OUT,
        updated_at__gte=now - _GIVEN_UP_AFTER,
        store__unlinked_at__isnull=True,
        store__token_dead_words="",
    )
    if books.begins_at:
        rows = rows.filter(created_at__gte=books.begins_at)
    return rows.select_related("store__company").order_by("settlement__read_at", "pk")


def _read_of(store: Store, orders: Sequence[Order]) -> int:
    size = channel(store.channel).limits.fetch_orders
    back = 0
    for first in range(0, len(orders), size):
        part = orders[first : first + size]
        told = call_store(store, partial(_ask, order_ids=[one.channel_order_id for one in part]))
        back += _keep([one.pk for one in part], told)
    return back


def _ask(known: Channel, shop: Shop, *, order_ids: Sequence[str]) -> Mapping[str, Settlement]:
    return known.settlements(shop, order_ids)


def _keep(order_ids: Sequence[int], told: Mapping[str, Settlement]) -> int:
    """Keep what was told of these orders; how many of them are to be posted again."""
    now, back = timezone.now(), 0
    with transaction.atomic():
        for order in locked(order_ids):
            found = told.get(order.channel_order_id)
            before = settlement_of(order)
            if found is None:
                OrderSettlement.objects.update_or_create(
                    order=order, defaults={"company_id": order.company_id, "read_at": now}
                )
                continue
            OrderSettlement.objects.update_or_create(
                order=order,
                defaults={
                    "company_id": order.company_id,
                    "read_at": now,
                    "is_known": True,
                    "is_final": found.is_final,
                    "currency": found.currency,
                    "amount": found.amount,
                    "shipping": found.shipping,
                    "fees": [[fee.name, str(fee.amount)] for fee in found.fees],
                },
            )
            if _is_news(order, before, found):
                mark_to_post_again(order)
                back += 1
    return back


def _is_news(order: Order, before: Settlement | None, found: Settlement) -> bool:
    """Whether the books hold an invoice that this settlement changes."""
    return (
        order.archived
        and _money(before) != _money(found)
        and belongs(found, facts_of(order))
        and settlement_to_post(order) is not None
    )


def _money(settlement: Settlement | None) -> tuple[Decimal, Decimal, tuple[Fee, ...]] | None:
    if settlement is None:
        return None
    return settlement.amount, settlement.shipping, settlement.fees
