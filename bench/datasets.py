"""Books of 10,000, 100,000 and 1,000,000 orders as real ones are, made by the database itself.

Twenty stores of three companies on three channels; orders over the last 18 months with the rhythm of
days and weeks; most completed, a few days' worth in every tab of work; lines, packages and histories.
The same seed gives the same book, and a larger book is the same shop with more buyers: the span of time
stays, the orders a day grow. In a small book every tab still holds more than a page, and so does what the
measured pages filter: pages of one length are compared. Left out: raw answers, which no list reads.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from itertools import accumulate
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crossdock.companies.models import Company

COMPANIES = (("Acme Trading", "acme", 7), ("Bolt Goods", "bolt", 7), ("Coral Home", "coral", 6))
_CHANNELS = ("lazada", "shopee", "tiktok")
_REGIONS = {"MY": "MYR", "SG": "SGD", "TH": "THB"}
_SPAN_DAYS = 540
_TABS = (
    # tab, share, stage, status by channel
    ("completed", 0.78, "completed", ("confirmed", "COMPLETED", "COMPLETED")),
    ("others", 0.08, "cancelled", ("canceled", "CANCELLED", "CANCELLED")),
    ("delivered", 0.05, "delivered", ("delivered", "TO_CONFIRM_RECEIVE", "DELIVERED")),
    ("shipped", 0.04, "shipped", ("shipped", "SHIPPED", "IN_TRANSIT")),
    ("to-ship", 0.012, "ready", ("ready_to_ship", "PROCESSED", "AWAITING_COLLECTION")),
    ("to-process", 0.012, "packed", ("packed", "READY_TO_SHIP", "AWAITING_SHIPMENT")),
    ("new-order", 0.016, "to_pack", ("pending", "READY_TO_SHIP", "AWAITING_SHIPMENT")),
    ("unpaid", 0.005, "unpaid", ("unpaid", "UNPAID", "UNPAID")),
    ("self-deliver", 0.002, "ready", ("ready_to_ship", "SHIPPED", "AWAITING_COLLECTION")),
    ("to-cancel", 0.001, "to_pack", ("pending", "IN_CANCEL", "AWAITING_SHIPMENT")),
    ("to-return", 0.002, "delivered", ("delivered", "TO_CONFIRM_RECEIVE", "DELIVERED")),
)
_AT_LEAST = {"shipped": 0.09, "delivered": 0.05}
_AT_LEAST_ELSE = 0.04
"""The part of a book of ``_ENOUGH_FROM`` orders that stands in a tab; larger books have as many orders
there until their own share is more."""
_ENOUGH_FROM = 10_000
_ARCHIVED_DAYS, _ARCHIVED_DAYS_IF_SMALL, _SMALL = 40, 160, 100_000
"""Completed orders older than that are posted and archived."""
_SKUS = 2000
PASSWORD = "bench-bench-bench"


def build(orders: int, seed: int = 7) -> list[Company]:
    """Make the book in the (migrated, empty) database at hand; the companies in it."""
    from django.db import connection

    companies = [_company(*one) for one in COMPANIES]
    began = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        cursor.execute("ALTER TABLE orders_history DISABLE TRIGGER USER")
        cursor.execute(_drawn(orders), {"orders": orders, "seed": str(seed), "span": _SPAN_DAYS})
        for model, drawn, columns in _tables(orders):
            cursor.execute(_insert(model, drawn, columns))
        cursor.execute("ALTER TABLE orders_history ENABLE TRIGGER USER")
        cursor.execute("DROP TABLE drawn")
    connection.commit()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
    print(f"{orders:,} orders made in {time.monotonic() - began:.0f} s", flush=True)
    return companies


def _company(name: str, slug: str, stores: int) -> Company:
    from crossdock.companies.models import Company, Membership, Person
    from crossdock.companies.rights import Role
    from crossdock.companies.scope import company_scope
    from crossdock.stores.models import Store

    made = Company.objects.create(name=name, slug=slug)
    owner = Person.objects.create_user(f"owner@{slug}.test", PASSWORD, name=f"Owner of {name}")
    Membership.objects.create(company=made, person=owner, role=Role.OWNER)
    from django.utils import timezone

    with company_scope(made):
        for number in range(stores):
            region = list(_REGIONS)[number % 3]
            Store.objects.create(
                company=made, channel=_CHANNELS[number % 3], region=region, shop_id=f"{slug}-{number}",
                name=f"{name.split()[0]} {region} {number}", sync_succeeded_at=timezone.now(),
                synced_until=timezone.now(),
            )  # fmt: skip
    return made


def _random(name: str, row: str = "n") -> str:
    """A number from 0 to 1 that follows from the seed, the row and a name."""
    return f"(abs(hashtextextended(%(seed)s || '{name}', {row})) %% 1000000 / 1000000.0)"


def _place(orders: int) -> str:
    """Which tab a throw of the dice means: the first one takes what the others leave."""
    small = min(1.0, _ENOUGH_FROM / orders)
    rest = [
        max(share, _AT_LEAST.get(tab, _AT_LEAST_ELSE) * small) for tab, share, _, _ in _TABS[1:]
    ]
    bounds = list(accumulate([1 - sum(rest), *rest]))
    whens = " ".join(f"WHEN r < {bound:.4f} THEN {at}" for at, bound in enumerate(bounds[:-1]))
    return f"CASE {whens} ELSE {len(_TABS) - 1} END"


_AGE = "CASE place WHEN 0 THEN 12 + age * (%(span)s - 12) WHEN 1 THEN age * %(span)s WHEN 2 THEN 4 + age * 9 WHEN 3 THEN 1 + age * 5 ELSE age * 3 END"


def _drawn(orders: int) -> str:
    return f"""
CREATE UNLOGGED TABLE drawn AS
WITH shops AS (
    SELECT id AS store_id, company_id, channel, region, row_number() OVER (ORDER BY id) - 1 AS shop,
           count(*) OVER () AS shops
    FROM stores_store
), thrown AS (
    SELECT n, {_random("tab")} AS r, {_random("age")} AS age, {_random("hour")} AS hour, {_random("x")} AS x,
           {_random("y")} AS y, {_random("z")} AS z, {_random("store")} AS s
    FROM generate_series(1, %(orders)s) AS n
), placed AS (SELECT *, {_place(orders)} AS place FROM thrown)
SELECT n, place, x, y, z, store_id, company_id, channel, region,
       now() - make_interval(days => floor({_AGE})::int, secs => ((hour * hour * 0.4 + hour * 0.6) * 86400)::int) AS made_at
FROM placed JOIN shops ON shops.shop = floor(power(s, 1.3) * shops.shops)::int
"""  # noqa: S608 - our own words


def _of_tab(index: int) -> str:
    return (
        "CASE place "
        + " ".join(f"WHEN {number} THEN '{tab[index]}'" for number, tab in enumerate(_TABS))
        + " END"
    )


def _status() -> str:
    words = []
    for number, (_, _, _, by_channel) in enumerate(_TABS):
        for name, word in zip(_CHANNELS, by_channel, strict=True):
            words.append(f"WHEN place = {number} AND channel = '{name}' THEN '{word}'")
    return "CASE " + " ".join(words) + " END"


_PARCEL = "place NOT IN (6, 7, 9) AND NOT (place = 1 AND x < 0.7)"
_COURIER = "(ARRAY['J&T Express','SPX Express','Ninja Van','Pos Laju','LEX MY','Flash Express','DHL eCommerce','GDEX'])[1 + floor(power(y, 1.6) * 8)::int]"
_BUYER = "(ARRAY['Tan Siew L***','王**','Nurul A***','สม** จ**','Nguyễn V** A**','Ahmad F***','Priya R***','李*明'])[1 + floor(z * 8)::int]"


def _tables(orders: int) -> tuple[tuple[Any, str, Mapping[str, str]], ...]:
    from crossdock.orders.models import History, Line, Order, Package

    days = _ARCHIVED_DAYS if orders >= _SMALL else _ARCHIVED_DAYS_IF_SMALL
    put_away = f"place = 0 AND made_at < now() - interval '{days} days'"
    known = "drawn JOIN orders_order ON orders_order.id = drawn.n"
    order = {
        "id": "n", "company_id": "company_id", "store_id": "store_id",
        "channel_order_id": "CASE channel WHEN 'shopee' THEN to_char(made_at, 'YYMMDD') || upper(substr(md5(n::text), 1, 8)) "
        "WHEN 'lazada' THEN (440000000000000 + n)::text ELSE (577000000000000000 + n)::text END",
        "tab": _of_tab(0), "status": _status(), "stage": _of_tab(2), "created_at": "made_at",
        "updated_at": "least(now(), made_at + make_interval(secs => (x * 400000)::int))",
        "ship_by": "CASE WHEN z < 0.97 THEN made_at + interval '2 days' END", "paid_at": "made_at",
        "currency": "CASE region WHEN 'MY' THEN 'MYR' WHEN 'SG' THEN 'SGD' ELSE 'THB' END",
        "buyer_total": "round((5 + power(x, 3) * 400)::numeric, 2)", "billed_total": "round((5 + power(x, 3) * 400)::numeric, 2)",
        "payment_method": "'Online banking'", "buyer_name": _BUYER, "address": "'{}'", "units": "1 + (y * y * 4)::int",
        "buyer_note": "CASE WHEN x < 0.04 THEN 'Please deliver after 5 pm' ELSE '' END",
        "our_note": "CASE WHEN y < 0.01 THEN 'Gift wrap' ELSE '' END", "lines_known": "true",
        "shipment_provider": f"CASE WHEN {_PARCEL} THEN {_COURIER} ELSE '' END",
        "printed_count": "CASE WHEN place IN (0, 2, 3) THEN 1 + (z > 0.97)::int WHEN place = 4 THEN (z < 0.6)::int ELSE 0 END",
        "verified_at": "CASE WHEN place IN (0, 2, 3, 4) AND y < 0.5 THEN made_at + interval '4 hours' END",
        "archived": put_away,
        "posted_fingerprint": f"CASE WHEN {put_away} THEN md5(n::text) ELSE '' END",
        "fingerprint": "md5(n::text)", "fetched_at": "now()", "first_seen_at": "made_at",
        "cancel_requested": "place = 9", "return_waits_for_us": "place = 10", "return_open": "place = 10",
        "seller_delivers": "place = 8",
    }  # fmt: skip
    line = {
        "company_id": "drawn.company_id", "order_id": "n", "line_id": "(n * 10 + k)::text",
        "sku": f"'SKU-' || lpad(floor(power(abs(hashtextextended('sku', n * 10 + k)) % 1000000 / 1000000.0, 3) * {_SKUS})::text, 4, '0')",
        "name": "(ARRAY['Wireless mouse, silent, 2.4 GHz','超薄手机壳 适用于 15 寸 全包防摔','เสื้อยืดผ้าฝ้าย คอกลม ใส่สบาย','Áo thun cotton tay ngắn form rộng','Stainless steel bottle 500 ml with straw','Yoga mat 6 mm, non-slip'])[1 + (n + k) % 6]",
        "variation": "(ARRAY['Black','Red, XL','White, M',''])[1 + n % 4]", "quantity": "1 + ((n + k) % 17 = 0)::int",
        "unit_price": "round((5 + power(x, 3) * 200)::numeric, 2)", "status": "''", "stage": _of_tab(2), "live": "place <> 1",
        "image_url": "'https://cdn.example/' || (n % 2000) || '.jpg'",
    }  # fmt: skip
    package = {
        "company_id": "drawn.company_id", "order_id": "n", "package_id": "'P' || (900000000000 + n)",
        "shipment_provider": _COURIER, "tracking_number": "'JT' || lpad(((n::bigint * 7919) % 100000000000)::text, 11, '0') || 'MY'",
    }  # fmt: skip
    history = {
        "company_id": "drawn.company_id", "order_id": "n", "at": "made_at + make_interval(hours => k * 5)",
        "kind": "CASE k WHEN 1 THEN 'arrived' ELSE 'changed' END", "text": "'Arrived as it was.'", "changes": "'{}'",
    }  # fmt: skip
    return (
        (Order, "drawn ORDER BY n", order),
        (Line, f"{known}, generate_series(1, 1 + floor(power(z, 4) * 5)::int) AS k", line),
        (Package, f"{known} WHERE {_PARCEL}", package),
        (
            History,
            f"{known}, generate_series(1, CASE place WHEN 0 THEN 6 WHEN 6 THEN 2 ELSE 4 END) AS k",
            history,
        ),
    )


def _insert(model: Any, source: str, columns: Mapping[str, str]) -> str:
    """An INSERT that fills what is given, and every other column with its default."""
    given = dict(columns)
    for field in model._meta.concrete_fields:
        if field.column in given or field.generated or field.primary_key:
            continue
        if field.null:
            continue
        given[field.column] = _default(field)
    names = ", ".join(f'"{name}"' for name in given)
    tail = ""
    if model._meta.db_table == "orders_order":
        tail = "; SELECT setval(pg_get_serial_sequence('orders_order', 'id'), (SELECT max(id) FROM orders_order))"
    return f"INSERT INTO {model._meta.db_table} ({names}) SELECT {', '.join(given.values())} FROM {source}{tail}"  # noqa: S608


def _default(field: Any) -> str:
    value = field.get_default()
    if isinstance(value, bool):
        return str(value).lower()
    if value is None or value == "":
        return "''"
    if isinstance(value, dict | list):
        return f"'{'{}' if isinstance(value, dict) else '[]'}'"
    return str(value)
