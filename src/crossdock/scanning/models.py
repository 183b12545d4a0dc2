"""What was scanned, by whom, and what it was told: kept, so that no scan is lost by a reload."""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.db.models import Q

from crossdock.companies.models import Person
from crossdock.companies.scope import CompanyOwned
from crossdock.orders.models import Order
from crossdock.work.models import Attempt


class Answer(StrEnum):
    """What a scan is told at once; each has a sound and a colour of its own."""

    READY = "ready"
    """To be shipped now: the call runs behind."""
    ALREADY = "already"
    """Scanned or shipped before."""
    CANCELLED = "cancelled"
    """Cancelled meanwhile, or a cancellation is asked for: the parcel stays here."""
    VOID = "void"
    """The label is void: the order was packed again, or its number was replaced. It ships nothing."""
    WRONG_STAGE = "wrong-stage"
    SEVERAL = "several"
    """The code fits several orders: which one?"""
    UNKNOWN = "unknown"


class ScanSheet(CompanyOwned):
    """A person's list of scanned orders, until they begin a new one."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    begun_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta(CompanyOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["company", "person"],
                condition=Q(ended_at__isnull=True),
                name="one_open_scan_sheet_a_person",
            )
        ]

    def __str__(self) -> str:
        return f"scans of {self.person}"


class Scan(CompanyOwned):
    """One scan."""

    sheet = models.ForeignKey(ScanSheet, on_delete=models.CASCADE, related_name="scans")
    nonce = models.CharField(max_length=64)
    """Made by the page for each scan: sent again after a lost answer, it is the same scan."""
    code = models.CharField(max_length=80)
    at = models.DateTimeField(auto_now_add=True)
    answer = models.CharField(max_length=12)
    words = models.CharField(max_length=300)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, null=True, related_name="scans")
    package_id = models.CharField(max_length=64, blank=True, db_collation="C")
    """The package that was named; "": the whole order."""
    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, null=True, related_name="scans")

    class Meta(CompanyOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["company", "nonce"], name="scan_once")]
        indexes = [models.Index(fields=["sheet", "-id"], name="scans_of_a_sheet")]

    def __str__(self) -> str:
        return self.code


class Verification(CompanyOwned):
    """The checking of one order's goods at the bench: begun by scanning the order, ended when every item
    was scanned, by hand, or by leaving it."""

    class Outcome(models.TextChoices):
        """How it ended."""

        OPEN = "", "open"
        COMPLETE = "complete", "complete"
        BY_HAND = "by-hand", "completed by hand"
        LEFT = "left", "left"

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="verifications")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    """Who has it in hand, or ended it."""
    begun_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    difference = models.JSONField(default=dict)
    """Item → [target, scanned], where it was completed by hand all the same."""

    class Meta(CompanyOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(ended_at__isnull=True),
                name="one_open_verification_an_order",
            )
        ]
        indexes = [
            models.Index(fields=["company", "person", "-id"], name="verifications_of_a_person")
        ]

    def __str__(self) -> str:
        return f"verification of {self.order_id}"


class VerificationScan(CompanyOwned):
    """One scan of an item, or one quantity typed."""

    verification = models.ForeignKey(Verification, on_delete=models.CASCADE, related_name="scans")
    nonce = models.CharField(max_length=64)
    item = models.CharField(max_length=200)
    quantity = models.PositiveIntegerField()
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta(CompanyOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["company", "nonce"], name="verification_scan_once")
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.item}"
