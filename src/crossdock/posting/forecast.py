"""What Post Order would do to a selection, said before it starts: counts, sums, and who is left out."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Round

from crossdock.companies.models import Company
from crossdock.orders.models import Line, Order
from crossdock.orders.problems import unread
from crossdock.posting.models import ExchangeRate, SkuCode, SqlAccount, StoreCodes
from crossdock.rules.facts import Touches
from crossdock.rules.invoice import CAME_BACK

COUNTED = 10_000
"""So many orders are looked at; of more, the rest is told by the run itself."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What would be posted, and what not."""

    going: int = 0
    sums: dict[str, Decimal] = field(default_factory=dict)
    """Currency → billed total of what is going."""
    again: int = 0
    """How many of those were posted before, and are brought up to date."""
    skipped: list[tuple[str, int]] = field(default_factory=list)
    """Why orders are left out, and how many."""
    is_capped: bool = False


def forecast(company: Company, orders: QuerySet[Order]) -> Forecast:
    """Look at these orders: two queries, however many they are."""
    chosen = orders.order_by().values("pk")[: COUNTED + 1]
    books = SqlAccount.objects.first()
    rows = (
        Order.objects.filter(pk__in=chosen)
        .annotate(why=_why(company, books))
        .order_by()
        .values_list("why", "currency", "posted")
        .annotate(number=Count("pk"), total=Sum(Round("billed_total", precision=2)))
    )
    going, again, sums, skipped = 0, 0, defaultdict[str, Decimal](Decimal), Counter[str]()
    for why, currency, posted, number, total in rows:
        if why:
            skipped[why] += number
        else:
            going += number
            again += number if posted else 0
            sums[currency] += total
    seen = going + skipped.total()
    return Forecast(going, dict(sums), again, skipped.most_common(), is_capped=seen > COUNTED)


def _why(company: Company, books: SqlAccount | None) -> Case:
    """Why an order would be left out; "" for one that goes."""
    mapped = SkuCode.objects.filter(sku=OuterRef("sku"))
    unmapped = Line.objects.filter(order=OuterRef("pk"), live=True).exclude(Exists(mapped))
    coded = StoreCodes.objects.filter(store=OuterRef("store"))
    rated = ExchangeRate.objects.filter(
        currency=OuterRef("currency"), valid_from__lte=OuterRef("created_at")
    )
    whens: list[When] = [
        When(archived=True, then=Value("posted already, and unchanged since")),
        When(lines_known=False, then=Value("items are being fetched")),
        When(
            unread(Touches.MONEY, Touches.LINES),
            then=Value("could not be read whole: its money or its items"),
        ),
        When(~Exists(coded), then=Value("its store has no customer code")),
        When(Exists(unmapped), then=Value("a SKU has no stock item")),
        When(
            ~Q(currency=company.base_currency) & ~Exists(rated),
            then=Value("no exchange rate for its day"),
        ),
    ]
    if books is not None and not books.include_cancelled:
        alive = Line.objects.filter(order=OuterRef("pk")).filter(
            Q(live=True) | Q(stage__in=[stage.value for stage in CAME_BACK])
        )
        whens.insert(1, When(~Exists(alive), then=Value("cancelled orders are not included")))
    if books is None:
        whens.insert(0, When(pk=F("pk"), then=Value("SQL Account is not connected")))
    elif books.begins_at:
        elsewhere = Q(posted_fingerprint="") | ~Q(invoice__era=books.era)
        before: Any = Q(created_at__lt=books.begins_at) & elsewhere
        whens.insert(1, When(before, then=Value("created before the system conversion date")))
    return Case(*whens, default=Value(""))
