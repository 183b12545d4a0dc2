"""What an order has stays in its order, whichever of it is told anew."""

from __future__ import annotations

from crossdock.companies.scope import company_scope
from crossdock.orders.facts import facts_of
from crossdock.orders.models import Line, Order
from crossdock.stores.models import Store
from crossdock.sync.pull import look_at
from tests.cast import Cast
from tests.sandbox.running import RunningSandbox


def test_items_that_are_told_anew_stay_where_they_are_on_pages_papers_and_invoices(
    cast: Cast, store: Store, sandbox: RunningSandbox
) -> None:
    """The database hands out rows that it wrote last at the end."""
    with company_scope(cast.acme):
        ids = sandbox.orders(30)
        look_at(store, ids)
        orders = Order.objects.filter(channel_order_id__in=ids)
        order = next(one for one in orders if one.lines.count() > 1)
        before = [line.line_id for line in facts_of(order).lines]
        Line.objects.filter(order=order, line_id=before[0]).update(sku="TOLD-ANEW")
        read = Order.objects.prefetch_related("lines").get(pk=order.pk)
        assert [line.line_id for line in facts_of(read).lines] == before
        assert [line.line_id for line in facts_of(order).lines] == before
        assert [line.line_id for line in read.lines.all()] == before
