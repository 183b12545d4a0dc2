"""Finding the codes in the books that an order's goods and store stand for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from django.db.models import CharField, OuterRef, Q, QuerySet, Subquery

from crossdock.orders.models import Line, Order
from crossdock.posting.models import BooksCode, ExchangeRate, SkuCode, SqlAccount, StoreCodes
from crossdock.posting.seen import unmapped
from crossdock.stores.models import Store

_SUGGESTED = 30


class Unmapped(Exception):
    """A code is missing; the message names what is missing and says where to enter it."""


def connection() -> SqlAccount:
    """The company's connection to its books. Raises Unmapped when there is none."""
    books = SqlAccount.objects.first()
    if books is None:
        raise Unmapped(
            "SQL Account is not connected: the owner or bookkeeper does that in Settings."
        )
    return books


def store_codes(order: Order) -> StoreCodes:
    """What this order's store is posted under. Raises Unmapped when nobody has said."""
    codes = StoreCodes.objects.filter(store_id=order.store_id).first()
    if codes is None:
        raise Unmapped(
            f"The store {order.store.name} has no customer code yet: choose one under Posting, Store codes."
        )
    return codes


def item_codes(skus: Iterable[str]) -> Mapping[str, SkuCode]:
    """SKU → its code (with its parts, where it is a bundle), for every one of these SKUs.

    Raises Unmapped, naming those without.
    """
    wanted = set(skus)
    rows = SkuCode.objects.filter(sku__in=wanted).prefetch_related("parts")
    found = {code.sku: code for code in rows}
    missing = sorted(wanted - found.keys())
    if missing:
        named = ", ".join(sku or "(an item without a SKU)" for sku in missing)
        raise Unmapped(f"No stock item is mapped to {named}: map it under Posting, SKU codes.")
    return found


def with_codes(lines: QuerySet[Line]) -> QuerySet[Line]:
    """These lines, each with the stock item that its SKU stands for (``item_code``, ``item_uom``; None
    where nobody has mapped it)."""
    code = SkuCode.objects.filter(sku=OuterRef("sku"))
    return lines.annotate(
        item_code=Subquery(code.values("item_code")[:1]), item_uom=Subquery(code.values("uom")[:1])
    )


def rate_for(currency: str, day: date) -> Decimal:
    """The bookkeeper's rate for that day. Raises Unmapped when no rate has begun by then."""
    rate = (
        ExchangeRate.objects.filter(currency=currency, valid_from__lte=day)
        .order_by("-valid_from")
        .values_list("rate", flat=True)
        .first()
    )
    if rate is None:
        raise Unmapped(
            f"There is no exchange rate for {currency} on {day}: enter one under Posting, Rates."
        )
    return rate


def map_sku(sku: str, item_code: str, *, company_id: int) -> SkuCode:
    """Let this SKU stand for a stock item of the books. Raises Unmapped when the books lack it."""
    item = BooksCode.objects.filter(kind=BooksCode.Kind.ITEM, code=item_code).first()
    if item is None:
        raise Unmapped(
            f"SQL Account has no stock item {item_code!r}: read the codes again, or check it there."
        )
    code, _ = SkuCode.objects.update_or_create(
        company_id=company_id, sku=sku, defaults={"item_code": item.code, "uom": item.uom}
    )
    code.parts.all().delete()
    return code


def equal_codes() -> dict[str, BooksCode]:
    """SKU → stock item, for every unmapped SKU whose text is a stock item's code."""
    items = BooksCode.objects.filter(kind=BooksCode.Kind.ITEM, code__in=unmapped())
    return {item.code: item for item in items.order_by("code")}


def map_equal_codes(company_id: int) -> int:
    """Map every unmapped SKU whose text is a stock item's code; how many were mapped."""
    items = equal_codes()
    fresh = [
        SkuCode(
            company_id=company_id,
            sku=sku,
            item_code=item.code,
            uom=item.uom,
        )
        for sku, item in items.items()
    ]
    SkuCode.objects.bulk_create(fresh, ignore_conflicts=True)
    return len(fresh)


def matching(kind: str, words: str) -> QuerySet[BooksCode]:
    """The codes of a kind whose code or description holds these words, by code."""
    rows = BooksCode.objects.filter(kind=kind)
    for word in words.split():
        rows = rows.filter(Q(code__icontains=word) | Q(description__icontains=word))
    return rows.order_by("code")


def suggested(kind: str, words: str) -> QuerySet[BooksCode]:
    """The first of the codes that match, for the list under a field."""
    return matching(kind, words)[:_SUGGESTED]


def codes_like(model: StoreCodes | None, store: Store) -> StoreCodes:
    """Codes of a store that has none, not saved: those of another store, or empty ones."""
    made = StoreCodes(company_id=store.company_id, store=store)
    for field in StoreCodes._meta.concrete_fields:
        if model is not None and isinstance(field, CharField):
            setattr(made, field.attname, getattr(model, field.attname))
    return made
