"""Papers that were made: numbered, kept, and printable again."""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from crossdock.companies.models import Person
from crossdock.companies.scope import CompanyOwned
from crossdock.orders.models import Order, Package
from crossdock.stores.models import Store
from crossdock.work.models import Batch


class Kind(StrEnum):
    """What a paper is."""

    PICKING_SUMMARY = "picking_summary"
    PICKING_LIST = "picking_list"
    MANIFEST = "manifest"

    @property
    def heading(self) -> str:
        """As it stands on the screen."""
        return _TITLES[self]

    @property
    def mark(self) -> str:
        """What its number begins with."""
        return _MARKS[self]


_TITLES = {
    Kind.PICKING_SUMMARY: "Picking List Summary",
    Kind.PICKING_LIST: "Picking List",
    Kind.MANIFEST: "Courier Manifest",
}
_MARKS = {Kind.PICKING_SUMMARY: "PS", Kind.PICKING_LIST: "PL", Kind.MANIFEST: "M"}


class Size(StrEnum):
    """The paper that is in the printer."""

    A4 = "a4"
    A6 = "a6"
    THERMAL = "thermal"

    @property
    def heading(self) -> str:
        """As people call it."""
        return {self.A4: "A4", self.A6: "A6", self.THERMAL: "100 × 150 mm"}[self]

    @property
    def millimetres(self) -> tuple[int, int]:
        """Width and height, upright."""
        return {self.A4: (210, 297), self.A6: (105, 148), self.THERMAL: (100, 150)}[self]


class Separator(StrEnum):
    """Before which labels a separator page lies."""

    NONE = "none"
    COURIER = "courier"
    WAVE = "wave"

    @property
    def heading(self) -> str:
        """As the settings say it."""
        return {
            self.NONE: "none",
            self.COURIER: "before each courier's",
            self.WAVE: "before each picking list's",
        }[self]


class Paper(CompanyOwned):
    """One paper of one click. Made by a job; the file can be made anew as long as its orders are there."""

    kind = models.CharField(max_length=20, choices=[(one.value, one.heading) for one in Kind])
    number = models.PositiveIntegerField()
    """Counts up by kind in each company."""
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    form_key = models.CharField(max_length=64)
    """The form's one-time key: a double click makes one paper."""
    selection = models.JSONField(default=dict)
    """``{"ids": [order pk…]}`` in the order of the list, or ``{"filter": {…}, "up_to": order pk}``."""
    options = models.JSONField(default=dict)
    """What else was asked for: ``{"per_store": true}`` of a manifest."""
    size = models.CharField(max_length=10, choices=[(one.value, one.heading) for one in Size])
    asked_at = models.DateTimeField(auto_now_add=True)
    is_large = models.BooleanField(default=False, db_default=False)
    """Made beside the batches, so that no small one waits for it."""
    due_at = models.DateTimeField(db_default=Now())
    """When it may be tried (again)."""
    begun_at = models.DateTimeField(null=True, blank=True)
    """When its newest try began."""
    tries = models.PositiveSmallIntegerField(default=0, db_default=0)
    put_off_words = models.TextField(blank=True, default="", db_default="")
    """Why the last try failed, while others follow by themselves."""
    made_at = models.DateTimeField(null=True, blank=True)
    failed_words = models.TextField(blank=True)
    """Why it could not be made; "" while it is being made and when it is."""
    left_out = models.JSONField(default=dict)
    """Orders that are not on it: channel order id → why, in words for people."""
    order_count = models.PositiveIntegerField(default=0)
    page_count = models.PositiveIntegerField(default=0)
    file = models.CharField(max_length=200, blank=True)
    """Path of the PDF, relative to the data folder; "" before it is made and after it was cleared."""
    laid_out = models.CharField(max_length=64, blank=True, default="", db_default="")
    """A mark of the parcels that a manifest's file holds: it is made anew when they are others."""

    class Meta(CompanyOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["company", "kind", "number"], name="paper_once_a_number"
            ),
            models.UniqueConstraint(fields=["company", "form_key"], name="paper_once_a_form"),
        ]
        indexes = [
            models.Index(fields=["company", "-id"], name="paper_newest"),
            models.Index(
                fields=["is_large", "due_at"],
                condition=Q(made_at__isnull=True, failed_words=""),
                name="paper_waiting",
            ),
            models.Index(
                fields=["company", "-begun_at"],
                condition=Q(begun_at__isnull=False),
                name="paper_begun_last",
            ),
            models.Index(
                fields=["company", "person", "-begun_at"],
                condition=Q(begun_at__isnull=False),
                name="paper_begun_last_for",
            ),
        ]

    def __str__(self) -> str:
        return f"{Kind(self.kind).mark}-{self.number}"

    @property
    def title(self) -> str:
        """What it is."""
        return Kind(self.kind).heading


class PaperOrder(CompanyOwned):
    """An order's place in a picking list: labels are printed in the order of the newest one."""

    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="orders")
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="papers")
    place = models.PositiveIntegerField()

    class Meta(CompanyOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["paper", "order"], name="order_once_a_paper")
        ]
        indexes = [models.Index(fields=["order", "-paper"], name="newest_paper_of_an_order")]

    def __str__(self) -> str:
        return f"{self.paper_id}: {self.place}"


class Manifest(CompanyOwned):
    """What one courier signs for at pick-up: the parcels, until they are handed over."""

    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="manifests")
    number = models.PositiveIntegerField()
    """Counts up in each company."""
    shipment_provider = models.CharField(max_length=120, db_collation="C")
    store = models.ForeignKey(Store, on_delete=models.PROTECT, null=True, related_name="+")
    """Whose parcels, where each store has a manifest of its own; None: all stores'."""
    made_at = models.DateTimeField(auto_now_add=True)
    handed_over_at = models.DateTimeField(null=True, blank=True)
    handed_over_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta(CompanyOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["company", "number"], name="manifest_once_a_number")
        ]
        indexes = [models.Index(fields=["company", "-id"], name="manifest_newest")]

    def __str__(self) -> str:
        return f"{_MARKS[Kind.MANIFEST]}-{self.number}"


class ManifestParcel(CompanyOwned):
    """A package in a manifest: in one open manifest only. One that was taken out stays, to be told of."""

    manifest = models.ForeignKey(Manifest, on_delete=models.CASCADE, related_name="parcels")
    package = models.ForeignKey(Package, on_delete=models.CASCADE, related_name="manifests")
    place = models.PositiveIntegerField()
    is_open = models.BooleanField(default=True)
    taken_out_at = models.DateTimeField(null=True, blank=True)
    taken_out_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    taken_out_because = models.CharField(max_length=120, blank=True, default="", db_default="")
    fate_at_hand_over = models.CharField(max_length=12, blank=True, default="", db_default="")
    """What stood against it when it was handed over all the same (a ``rules.fate.Fate``); "": nothing."""

    class Meta(CompanyOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["package"], condition=Q(is_open=True), name="package_in_one_open_manifest"
            ),
            models.UniqueConstraint(fields=["manifest", "package"], name="package_once_a_manifest"),
        ]

    def __str__(self) -> str:
        return f"{self.manifest_id}: {self.place}"


class LabelOpening(CompanyOwned):
    """One opening of a batch's labels to print them."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="openings")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    form_key = models.CharField(max_length=64)
    """The question's one-time key: a double click is one opening."""
    file = models.CharField(max_length=200)
    """Path of the PDF, relative to the data folder."""
    order_count = models.PositiveIntegerField(default=0)
    left_out = models.JSONField(default=dict)
    """Orders that died since their labels were fetched: channel order id → why, in words for people."""

    class Meta(CompanyOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["company", "form_key"], name="opening_once_a_form")
        ]
        indexes = [models.Index(fields=["batch", "-id"], name="openings_of_a_batch")]

    def __str__(self) -> str:
        return f"opening of batch {self.batch_id}"


class PaperSettings(CompanyOwned):
    """How a company wants its papers. What a packer must see cannot be hidden."""

    size = models.CharField(
        max_length=10, choices=[(one.value, one.heading) for one in Size], default=Size.A6.value
    )
    language = models.CharField(max_length=5, default="en")
    sort = models.CharField(max_length=10, default="location")
    """How a summary walks: a ``rules.picking.SortBy``."""
    hidden = models.JSONField(default=list)
    """Columns that are left out."""
    logo = models.BinaryField(blank=True, default=b"")
    """A small PNG; empty: none."""
    awb_size = models.CharField(
        max_length=10, choices=[(one.value, one.heading) for one in Size], blank=True, default=""
    )
    """The paper that AWBs are laid on; "": each label's own."""
    separator = models.CharField(
        max_length=10,
        choices=[(one.value, one.heading) for one in Separator],
        default=Separator.NONE.value,
    )
    last_first = models.BooleanField(default=False)
    """Print the last label first: parcels that are stacked face down come off the stack that way."""

    class Meta(CompanyOwned.Meta):
        verbose_name_plural = "paper settings"
        constraints = [
            models.UniqueConstraint(fields=["company"], name="paper_settings_once_a_company")
        ]

    def __str__(self) -> str:
        return f"papers of company {self.company_id}"
