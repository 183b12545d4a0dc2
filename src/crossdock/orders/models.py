"""The book of orders. Written by ``orders.record`` alone."""

from __future__ import annotations

from copy import copy
from decimal import Decimal

from django.db import models
from django.db.models import ExpressionWrapper, F, Q
from django.db.models.functions import Reverse

from crossdock.companies.models import Person
from crossdock.companies.scope import CompanyOwned
from crossdock.rules.facts import ENDS, POSTABLE, Stage, Tab
from crossdock.stores.models import Store


class Order(CompanyOwned):
    """One order of one store, as the channel told it last, with our own marks."""

    store = models.ForeignKey(
        Store, on_delete=models.PROTECT, related_name="orders", db_index=False
    )
    channel_order_id = models.CharField(max_length=64, db_collation="C")
    tab = models.CharField(max_length=16, choices=[(tab.value, tab.heading) for tab in Tab])
    status = models.CharField(max_length=200)
    stage = models.CharField(max_length=20)

    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    ship_by = models.DateTimeField(null=True, blank=True)
    paid_at = models.DateTimeField(null=True, blank=True)

    currency = models.CharField(max_length=3, blank=True)
    buyer_total = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    billed_total = models.DecimalField(max_digits=18, decimal_places=4, default=Decimal(0))
    shipping_fee = models.DecimalField(max_digits=18, decimal_places=4, default=Decimal(0))
    voucher_seller = models.DecimalField(max_digits=18, decimal_places=4, default=Decimal(0))
    voucher_platform = models.DecimalField(max_digits=18, decimal_places=4, default=Decimal(0))
    voucher_beyond_lines = models.DecimalField(max_digits=18, decimal_places=4, default=Decimal(0))
    payment_method = models.CharField(max_length=80, blank=True)

    buyer_name = models.CharField(max_length=200, blank=True)
    address = models.JSONField(default=dict)
    buyer_note = models.TextField(blank=True)
    units = models.PositiveIntegerField(default=0)
    """Live units: what a packer puts into the parcel."""
    shipment_provider = models.CharField(max_length=120, blank=True, db_collation="C")
    """The courier of its first package, for lists and filters."""
    address_changed_at = models.DateTimeField(null=True, blank=True)
    """When the buyer's address was last seen to change after the order had arrived."""
    our_note = models.TextField(blank=True)
    """What people of the company noted; "" when nothing."""

    cancel_requested = models.BooleanField(default=False)
    cancel_request_id = models.CharField(max_length=64, blank=True, db_collation="C")
    cancel_words = models.CharField(max_length=300, blank=True)
    cancel_deadline = models.DateTimeField(null=True, blank=True)
    return_waits_for_us = models.BooleanField(default=False)
    """One of its returns waits for the seller: follows from ``Return`` rows."""
    return_open = models.BooleanField(default=False)
    """One of its returns has not come to an end: a badge, wherever the order is shown."""
    return_deadline = models.DateTimeField(null=True, blank=True)
    """The earliest moment by which the seller must have answered a return."""
    seller_delivers = models.BooleanField(default=False)
    fulfilled_by_channel = models.BooleanField(default=False)
    no_parcel = models.BooleanField(default=False)
    lines_known = models.BooleanField(default=False)
    """False while the channel lists the order but its items cannot be read yet."""
    problem = models.TextField(blank=True)
    """Why the order could not be read whole, in words for people; "" when it could."""
    problems = models.JSONField(default=list, db_default=[])
    """The same part by part: ``[what it touches (rules.facts.Touches), words]``; read by ``orders.problems``."""
    problems_at = models.DateTimeField(null=True, blank=True)
    """When this last changed: what was refused for it before may be tried again after."""

    packed_here_at = models.DateTimeField(null=True, blank=True)
    delivered_here_at = models.DateTimeField(null=True, blank=True)
    delivery_failures = models.PositiveSmallIntegerField(default=0)
    """How often the seller's own driver came back with it: follows from ``DeliveryTry`` rows."""
    verified_at = models.DateTimeField(null=True, blank=True)
    """When its items were last found complete at the packing bench."""
    label_ready_at = models.DateTimeField(null=True, blank=True)
    """When its AWB was last fetched; it is on paper only once somebody opens it."""
    printed_count = models.PositiveIntegerField(default=0)
    """How often the AWBs of its parcels, as they are now, were opened for printing."""
    printed_at = models.DateTimeField(null=True, blank=True)
    printed_by = models.ForeignKey(
        Person, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    """Who opened them last."""

    fingerprint = models.CharField(max_length=64, blank=True)
    """Of the billed facts as they are now (``rules.invoice.fingerprint``)."""
    posted_fingerprint = models.CharField(max_length=64, blank=True)
    """Of the billed facts as they were posted; "" before the first posting."""
    posted = models.GeneratedField(
        expression=ExpressionWrapper(~Q(posted_fingerprint=""), models.BooleanField()),
        output_field=models.BooleanField(),
        db_persist=True,
    )
    archived = models.BooleanField(default=False)
    """Posted, and its billed facts unchanged since."""
    put_away = models.GeneratedField(
        expression=ExpressionWrapper(
            Q(archived=True, tab__in=sorted(tab.value for tab in POSTABLE)), models.BooleanField()
        ),
        output_field=models.BooleanField(),
        db_persist=True,
    )
    """Archived, and on a tab that hides what is archived: the database keeps it so."""

    fetched_at = models.DateTimeField()
    """When the fetch that told the facts at hand BEGAN, by the database's clock: later beginnings win."""
    first_seen_at = models.DateTimeField(auto_now_add=True)
    details_removed_at = models.DateTimeField(null=True, blank=True)
    """When its raw JSON, what was sent for it, and its scans were last removed, since it was long over."""

    class Meta(CompanyOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["store", "channel_order_id"], name="order_once_a_store")
        ]
        indexes = [
            models.Index(
                fields=["company", "tab", "put_away", "-created_at", "-id"],
                name="order_tab_created",
                include=[
                    "store",
                    "status",
                    "shipment_provider",
                    "printed_count",
                    "verified_at",
                    "posted",
                    "updated_at",
                    "ship_by",
                ],
            ),  # whatever a filter asks: counted and paged without a look at the rows
            models.Index(
                fields=["company", "tab", "put_away", "-updated_at", "-id"],
                name="order_tab_updated",
            ),
            models.Index(
                fields=["company", "tab", "put_away", "ship_by", "id"], name="order_tab_ship_by"
            ),
            models.Index(
                fields=["company", "tab", "put_away", "buyer_total", "id"], name="order_tab_total"
            ),
            models.Index(
                fields=["company", "store", "tab", "put_away", "-created_at", "-id"],
                name="order_of_store",
            ),
            models.Index(
                fields=["company", "shipment_provider", "tab", "put_away"], name="order_of_courier"
            ),  # these three hold no more than a few values: small, and counted in one sweep
            models.Index(fields=["company", "status", "tab", "put_away"], name="order_of_status"),
            models.Index(
                fields=["company", "printed_count", "tab", "put_away"], name="order_of_prints"
            ),
            models.Index(
                fields=["company", "tab", "put_away"],
                name="order_unverified",
                condition=Q(verified_at__isnull=True),
            ),
            models.Index(fields=["company", "channel_order_id"], name="order_by_code"),
            models.Index(
                fields=["store", "first_seen_at"],
                name="order_without_lines",
                condition=Q(lines_known=False),
            ),
            models.Index(
                fields=["store", "channel_order_id"],
                name="order_not_read_whole",
                condition=~Q(problem=""),
            ),
            models.Index(
                fields=["updated_at", "id"],
                name="order_over_with_details",
                condition=Q(tab__in=sorted(tab.value for tab in ENDS))
                & (Q(details_removed_at=None) | Q(details_removed_at__lt=F("updated_at"))),
            ),
        ]

    def __str__(self) -> str:
        return self.channel_order_id

    @property
    def summary(self) -> list[Line]:
        """A live line for each kind of item, with the units of that kind added up; for lists."""
        return self._kinds(live=True)

    @property
    def dead_summary(self) -> list[Line]:
        """The same of an order of which nothing is alive: what is to be unpacked, or comes back."""
        return [] if any(line.live for line in self.lines.all()) else self._kinds(live=False)

    def _kinds(self, *, live: bool) -> list[Line]:
        kinds: dict[tuple[str, str, str], Line] = {}
        for line in self.lines.all():
            if line.live is not live:
                continue
            kind = (line.sku, line.name, line.variation)
            if kind in kinds:
                kinds[kind].quantity += line.quantity
            else:
                kinds[kind] = copy(line)
        return list(kinds.values())

    @property
    def changed_since_posting(self) -> bool:
        """Whether the books hold something else of it than what it bills now."""
        return bool(self.posted_fingerprint) and not self.archived

    @property
    def has_cancelled_line(self) -> bool:
        """Whether some of its items are cancelled while it lives. Lines are loaded."""
        live = [line.live for line in self.lines.all()]
        return any(live) and not all(live)


class Package(CompanyOwned):
    """A parcel. A voided one (cancelled, repacked, replaced) stays: its label may be on paper, and its
    numbers are known for ever."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="packages")
    package_id = models.CharField(max_length=64, db_collation="C")
    shipment_provider = models.CharField(max_length=120, blank=True)
    tracking_number = models.CharField(max_length=80, blank=True, db_collation="C")
    status = models.CharField(max_length=60, blank=True)
    logistics_id = models.CharField(max_length=64, blank=True, db_collation="C")
    logistics_name = models.CharField(max_length=120, blank=True)
    voided_at = models.DateTimeField(null=True, blank=True)
    label_opened_at = models.DateTimeField(null=True, blank=True)
    """When its AWB was last opened for printing; None: never, or before this was noted."""

    class Meta(CompanyOwned.Meta):
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["order", "package_id"], name="package_once_an_order")
        ]
        indexes = [
            models.Index(fields=["company", "package_id"], name="package_by_code"),
            models.Index(fields=["company", "tracking_number"], name="package_by_tracking"),
            models.Index("company", Reverse("tracking_number"), name="package_by_last_digits"),
        ]

    def __str__(self) -> str:
        return self.package_id


class FormerNumber(CompanyOwned):
    """A tracking number that the channel replaced while the package lived: labels with it are void."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="former_numbers")
    package_id = models.CharField(max_length=64, db_collation="C")
    number = models.CharField(max_length=80, db_collation="C")
    replaced_at = models.DateTimeField()

    class Meta(CompanyOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["order", "package_id", "number"], name="former_number_once_a_package"
            )
        ]
        indexes = [
            models.Index(fields=["company", "number"], name="former_number_by_code"),
            models.Index("company", Reverse("number"), name="former_number_by_last_digits"),
        ]

    def __str__(self) -> str:
        return self.number


class Line(CompanyOwned):
    """An ordered item. A line that has gone from the channel's answer stays, cancelled."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    line_id = models.CharField(max_length=64, db_collation="C")
    sku = models.CharField(max_length=200, blank=True)
    channel_sku = models.CharField(max_length=120, blank=True)
    product_id = models.CharField(max_length=64, blank=True)
    name = models.CharField(max_length=500)
    variation = models.CharField(max_length=300, blank=True)
    image_url = models.CharField(max_length=1000, blank=True)
    quantity = models.PositiveIntegerField()
    unit_price = models.DecimalField(max_digits=18, decimal_places=4)
    seller_discount = models.DecimalField(max_digits=18, decimal_places=4, default=Decimal(0))
    seller_voucher = models.DecimalField(max_digits=18, decimal_places=4, default=Decimal(0))
    platform_discount = models.DecimalField(max_digits=18, decimal_places=4, default=Decimal(0))
    status = models.CharField(max_length=60)
    stage = models.CharField(max_length=20, choices=[(stage.value, stage.value) for stage in Stage])
    live = models.BooleanField(default=True)
    package_id = models.CharField(max_length=64, blank=True, db_collation="C")
    ship_by = models.DateTimeField(null=True, blank=True)

    class Meta(CompanyOwned.Meta):
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["order", "line_id"], name="line_once_an_order")
        ]
        indexes = [models.Index(fields=["company", "sku"], name="line_by_sku")]

    def __str__(self) -> str:
        return self.sku or self.line_id


class Return(CompanyOwned):
    """A buyer's return or refund request, as the channel told it last."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="returns")
    return_id = models.CharField(max_length=64, db_collation="C")
    status = models.CharField(max_length=60)
    goods_back = models.BooleanField()
    currency = models.CharField(max_length=3, blank=True)
    amount = models.DecimalField(max_digits=18, decimal_places=4)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    is_open = models.BooleanField()
    waits_for_us = models.BooleanField()
    moves = models.JSONField(default=list)
    """``ReturnMove`` values that the seller may make now, the mildest first."""
    deadline = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    comment = models.TextField(blank=True)
    """The buyer's own words: personal data."""
    line_ids = models.JSONField(default=list)
    parts = models.JSONField(default=list)
    tracking_number = models.CharField(max_length=80, blank=True, db_collation="C")
    image_urls = models.JSONField(default=list)
    fetched_at = models.DateTimeField()
    """When the fetch that told it began, by the database's clock: later beginnings win."""

    class Meta(CompanyOwned.Meta):
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["order", "return_id"], name="return_once_an_order")
        ]
        indexes = [models.Index(fields=["company", "return_id"], name="return_by_id")]

    def __str__(self) -> str:
        return self.return_id


class DeliveryTry(CompanyOwned):
    """One try of the seller's own driver to deliver an order."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="delivery_tries")
    at = models.DateTimeField(auto_now_add=True)
    person = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    failed_because = models.CharField(max_length=200, blank=True)
    """Why it failed, in words; "" when it did not."""
    recipient = models.CharField(max_length=100, blank=True)
    """Who took it: personal data."""
    photo = models.CharField(max_length=200, blank=True)
    """The photo's name (``orders.proofs``); "" without one, or when it is not kept any more."""
    form_key = models.CharField(max_length=64)
    """Of the form that told it: sent twice, it is kept once."""

    class Meta(CompanyOwned.Meta):
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(fields=["order", "form_key"], name="delivery_try_once_a_form")
        ]

    def __str__(self) -> str:
        return self.failed_because or "delivered"


class History(CompanyOwned):
    """What happened to an order: appended, never changed (a trigger in the database keeps it so)."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="history")
    at = models.DateTimeField(auto_now_add=True)
    person = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    """None: the channel or Crossdock itself."""
    kind = models.CharField(max_length=40)
    """``arrived``, ``changed``, or an action's name such as ``pack``."""
    text = models.TextField()
    """One sentence for people, with the channel's own words where it spoke."""
    changes = models.JSONField(default=dict)
    """Field → [before, after], as text. Never holds a buyer's personal data."""
    batch_id = models.BigIntegerField(null=True)

    class Meta(CompanyOwned.Meta):
        verbose_name_plural = "histories"
        indexes = [models.Index(fields=["order", "-id"], name="history_of_an_order")]

    def __str__(self) -> str:
        return self.text


class RawOrder(CompanyOwned):
    """The channel's newest JSON of an order, compressed; read when something is disputed, never by lists."""

    order = models.OneToOneField(Order, on_delete=models.CASCADE, related_name="raw")
    body = models.BinaryField()
    fetched_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"raw {self.order_id}"
