"""The connection to a company's books, the codes that its orders map to, and the invoices made."""

from __future__ import annotations

from datetime import datetime, time
from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils import timezone

from crossdock.companies.models import Person
from crossdock.companies.scope import CompanyOwned
from crossdock.orders.models import Order
from crossdock.posting.nameplate import Nameplate
from crossdock.stores.models import Store


class DocumentDate(models.TextChoices):
    """Which day a sales invoice carries, in the company's time zone."""

    CREATED = "created", "the day the order was created"
    PAID = "paid", "the day the buyer paid"
    POSTED = "posted", "the day it is posted"


class PostWhen(models.TextChoices):
    """When orders are posted without anybody pressing Post Order."""

    MANUAL = "manual", "by hand only"
    SHIPPED = "shipped", "as soon as they are shipped"
    DELIVERED = "delivered", "as soon as they are delivered"
    COMPLETED = "completed", "as soon as they are completed"


class SqlAccount(CompanyOwned):
    """A company's connection to its SQL Account database: one key pair is one database."""

    base_url = models.CharField(max_length=200, default="https://api.sql.my")
    access_key = models.CharField(max_length=100, db_collation="C")
    secret_key_sealed = models.BinaryField()
    region = models.CharField(max_length=40, default="ap-southeast-5")
    service = models.CharField(max_length=40, default="sqlaccount")
    document_date = models.CharField(
        max_length=10, choices=DocumentDate.choices, default=DocumentDate.CREATED
    )
    conversion_date = models.DateField(null=True, blank=True)
    """The first day of these books: orders created before it belong to those before."""
    post_when = models.CharField(max_length=10, choices=PostWhen.choices, default=PostWhen.MANUAL)
    fees_since = models.DateTimeField(null=True, blank=True)
    """From when on the channel's shipping and fees go on invoices, once it tells what it pays: an
    invoice that was posted before that stays as it is. None: they are not posted."""
    include_cancelled = models.BooleanField(default=True)
    """Whether an order that is cancelled after it was posted has its invoice cancelled."""
    pdf_template = models.CharField(max_length=80, default="Sales Invoice 8 (SST 1)")
    """The report of the books that prints invoices."""
    books_name = models.CharField(max_length=200, blank=True)
    """The company's name as SQL Account tells it: shows that the right database answers."""
    register = models.CharField(max_length=60, blank=True, default="", db_default="")
    """The company's register number as SQL Account tells it; "" where it was never told."""
    other_name = models.CharField(max_length=200, blank=True, default="", db_default="")
    """The name that answered last, where it or its register number is another one: nothing goes out
    until a person confirms it. "" while the books are those that were connected."""
    other_register = models.CharField(max_length=60, blank=True, default="", db_default="")
    compared_at = models.DateTimeField(null=True, blank=True)
    """When the books were last asked whose they are."""
    era = models.IntegerField(default=0, db_default=0)
    """Raised when other books are connected: a document's key counts in the era in which it was told."""
    version = models.CharField(max_length=60, blank=True)
    connected_at = models.DateTimeField(auto_now_add=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)
    """Why the last check failed, in SQL Account's own words; "" after a success."""
    codes_read_at = models.DateTimeField(null=True, blank=True)
    codes_newest = models.JSONField(default=dict)
    """Kind of code → the newest change that was read, in Unix seconds."""
    codes_progress = models.CharField(max_length=80, blank=True)
    """How far the reading of codes is; "" when none runs."""

    class Meta(CompanyOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["company"], name="one_set_of_books_a_company"),
            models.UniqueConstraint(
                fields=["access_key"], name="access_key_once_in_an_installation"
            ),
        ]

    def __str__(self) -> str:
        return self.books_name or self.base_url

    @property
    def trouble(self) -> str:
        """What is wrong with the connection, for people; "" when nothing is."""
        if not self.other_name:
            return self.error
        return (
            f"Other books answer than before: {self.nameplate} → {self.others}. Nothing is posted until "
            "somebody confirms them under Posting, Connection."
        )

    @property
    def nameplate(self) -> Nameplate:
        """Whose books were connected."""
        return Nameplate(self.books_name, self.register)

    @property
    def others(self) -> Nameplate | None:
        """Whose books answer in their place; None while they are those that were connected."""
        return Nameplate(self.other_name, self.other_register) if self.other_name else None

    @property
    def begins_at(self) -> datetime | None:
        """The first moment of these books, by the company's day; None: they take every order."""
        if self.conversion_date is None:
            return None
        return datetime.combine(self.conversion_date, time(), tzinfo=self.company.zone)

    @property
    def post_fees(self) -> bool:
        """Whether the channel's fees are posted with the goods."""
        return self.fees_since is not None


class BooksCode(CompanyOwned):
    """A code that exists in SQL Account, as last read: what the mapping pages offer."""

    class Kind(models.TextChoices):
        """What a code names."""

        ITEM = "stockitem", "stock item"
        CUSTOMER = "customer", "customer"
        LOCATION = "location", "location"
        PROJECT = "project", "project"
        TAX = "tax", "tax"
        PAYMENT = "pmmethod", "payment method"

    kind = models.CharField(max_length=12, choices=Kind.choices)
    code = models.CharField(max_length=40)
    description = models.CharField(max_length=300, blank=True)
    uom = models.CharField(max_length=10, blank=True)
    """The base unit of measure of a stock item."""
    uoms = models.JSONField(default=list)
    """Every unit of a stock item, as codes."""
    barcodes = models.JSONField(default=list)
    """What stands on a stock item, to be scanned."""
    shelf = models.CharField(max_length=40, blank=True)
    """Where a stock item lies in its location."""
    read_at = models.DateTimeField(default=timezone.now)
    """When the reading began that saw it last: what an earlier one saw is gone from the books."""

    class Meta(CompanyOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["company", "kind", "code"], name="books_code_once")
        ]

    def __str__(self) -> str:
        return self.code


class StoreCodes(CompanyOwned):
    """What a store's orders are posted under."""

    store = models.OneToOneField(Store, on_delete=models.CASCADE, related_name="codes")
    customer = models.CharField(max_length=10)
    location = models.CharField(max_length=20, blank=True)
    project = models.CharField(max_length=20, blank=True)
    discount_item = models.CharField(max_length=30, blank=True)
    voucher_item = models.CharField(max_length=30, blank=True)
    shipping_item = models.CharField(max_length=30, blank=True)
    transaction_item = models.CharField(max_length=30, blank=True)
    default_item = models.CharField(max_length=30, blank=True)
    """Stands in for whichever of the four is empty."""
    tax = models.CharField(max_length=10, blank=True)
    """Tax code of the goods, whose prices include it."""

    class Meta(CompanyOwned.Meta):
        verbose_name_plural = "store codes"

    def __str__(self) -> str:
        return f"{self.store_id}: {self.customer}"


class SkuCode(CompanyOwned):
    """The stock item and unit that a seller's SKU stands for in the books."""

    sku = models.CharField(max_length=200)
    item_code = models.CharField(max_length=30)
    uom = models.CharField(max_length=10, blank=True)

    class Meta(CompanyOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["company", "sku"], name="sku_mapped_once")]

    def __str__(self) -> str:
        return f"{self.sku} → {self.item_code}"


class SkuPart(CompanyOwned):
    """One stock item of a bundle: a SKU that has parts stands for these, and not for its own code."""

    sku_code = models.ForeignKey(SkuCode, on_delete=models.CASCADE, related_name="parts")
    item_code = models.CharField(max_length=30)
    uom = models.CharField(max_length=10, blank=True)
    quantity = models.DecimalField(max_digits=12, decimal_places=4, default=Decimal(1))
    """How many of it are in one unit of the SKU."""
    share = models.DecimalField(max_digits=7, decimal_places=6)
    """Its part of the price; the shares of a SKU's parts add up to 1."""

    class Meta(CompanyOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["sku_code", "item_code"], name="bundle_part_once"),
            models.CheckConstraint(
                condition=Q(quantity__gt=0, share__gte=0, share__lte=1), name="bundle_part_sane"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.item_code}"


class MappingSheet(CompanyOwned):
    """A sheet of SKU codes that was shown and may be imported, for a day: then it is forgotten."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    shown_at = models.DateTimeField(auto_now_add=True)
    content = models.BinaryField()
    going = models.PositiveIntegerField(default=0, db_default=0)
    """SKUs that were shown as new or changed."""
    done = models.PositiveIntegerField(default=0, db_default=0)
    begun_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True, default="", db_default="")

    class Meta(CompanyOwned.Meta):
        indexes = [models.Index(fields=["shown_at"], name="mapping_sheets_by_age")]

    def __str__(self) -> str:
        return f"sheet {self.pk}: {self.done} of {self.going}"


class ExchangeRate(CompanyOwned):
    """The bookkeeper's rate: what one unit of a currency is worth in the company's own, from a day on."""

    currency = models.CharField(max_length=3)
    valid_from = models.DateField()
    rate = models.DecimalField(max_digits=18, decimal_places=8)

    class Meta(CompanyOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["company", "currency", "valid_from"], name="rate_once_a_day"
            ),
            models.CheckConstraint(condition=Q(rate__gt=0), name="rate_above_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.rate} from {self.valid_from}"


class PostedDocument(CompanyOwned):
    """A document of the books that is one order's. Its number is reserved here before it is sent."""

    number = models.CharField(max_length=20, db_collation="C")
    """SQL Account's ``docno``."""
    day = models.DateField(null=True, blank=True)
    """Its date: what is brought up to date later keeps it."""
    document_key = models.BigIntegerField(null=True, blank=True)
    """SQL Account's ``dockey``; None until it is known to exist."""
    era = models.IntegerField(default=0, db_default=0)
    """The era of the books (``SqlAccount.era``) that told this key."""
    customers = models.JSONField(default=list, db_default=[])
    """The customer codes that it carries by our doing: the one it was last seen with, and those sent
    since. Empty: not known."""
    update_count = models.IntegerField(default=0)
    """How often it had been changed when we last saw it: a higher one there was somebody else."""
    total = models.DecimalField(max_digits=18, decimal_places=2, default=Decimal(0))
    currency = models.CharField(max_length=3, blank=True)
    posted_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)

    class Meta(CompanyOwned.Meta):
        abstract = True

    def __str__(self) -> str:
        return self.number

    @property
    def is_known(self) -> bool:
        """Whether it was posted, and not cancelled since."""
        return self.posted_at is not None and self.cancelled_at is None

    def key_in(self, era: int) -> int | None:
        """Its key in the books of this era; None where it must be asked for by its number."""
        return self.document_key if self.era == era else None


class PostedInvoice(PostedDocument):
    """The one sales invoice of one order."""

    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="invoice")
    line_ids = models.JSONField(default=list)
    """The order's lines that it bills: what comes back of them is credited."""
    with_fees = models.BooleanField(default=False)
    """Whether the channel's fees are on it."""

    class Meta(PostedDocument.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(fields=["company", "number"], name="invoice_number_once")
        ]


class PostedCreditNote(PostedDocument):
    """The one credit note of one order, for what came back after it was invoiced."""

    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="credit_note")

    class Meta(PostedDocument.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(fields=["company", "number"], name="credit_note_number_once")
        ]


class OrderSettlement(CompanyOwned):
    """What the channel pays for an order, as read last."""

    order = models.OneToOneField(Order, on_delete=models.CASCADE, related_name="settlement")
    read_at = models.DateTimeField()
    is_known = models.BooleanField(default=False)
    """False: the channel told nothing of it yet."""
    is_final = models.BooleanField(default=False)
    currency = models.CharField(max_length=3, blank=True)
    amount = models.DecimalField(max_digits=18, decimal_places=4, default=Decimal(0))
    shipping = models.DecimalField(max_digits=18, decimal_places=4, default=Decimal(0))
    fees = models.JSONField(default=list)
    """``[name, amount]`` of each, the amount as text."""

    class Meta(CompanyOwned.Meta):
        indexes = [models.Index(fields=["company", "is_final", "read_at"], name="settlement_due")]

    def __str__(self) -> str:
        return f"{self.currency} {self.amount}"


class Reconciliation(CompanyOwned):
    """A comparison of our postings with what the books hold, over a period. It only reads."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    since = models.DateField()
    until = models.DateField()
    asked_at = models.DateTimeField(auto_now_add=True)
    read = models.PositiveIntegerField(default=0)
    """Documents of the books read so far."""
    compared = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    class Meta(CompanyOwned.Meta):
        indexes = [models.Index(fields=["company", "-id"], name="reconciliations_newest")]

    def __str__(self) -> str:
        return f"{self.since} – {self.until}"


class Difference(CompanyOwned):
    """One difference between our postings and the books."""

    class Kind(models.TextChoices):
        """What differs."""

        MISSING = "missing", "not in SQL Account"
        CANCELLED = "cancelled", "cancelled in SQL Account"
        TOTAL = "total", "another total"
        EDITED = "edited", "edited in SQL Account"
        MOVED = "moved", "another number or customer"
        STRANGE = "strange", "no longer ours"
        DOUBLE = "double", "there more than once"
        EXTRA = "extra", "not posted from here"

    reconciliation = models.ForeignKey(
        Reconciliation, on_delete=models.CASCADE, related_name="differences"
    )
    kind = models.CharField(max_length=10, choices=Kind.choices)
    number = models.CharField(max_length=40, db_collation="C")
    order = models.ForeignKey(Order, on_delete=models.CASCADE, null=True, related_name="+")
    ours = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    theirs = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    there = models.CharField(max_length=300, blank=True, default="", db_default="")
    """How it stands in SQL Account, where that must be known before it is put right."""
    repaired_at = models.DateTimeField(null=True, blank=True)

    class Meta(CompanyOwned.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.number}: {self.kind}"
