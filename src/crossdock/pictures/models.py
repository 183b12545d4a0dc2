"""Which pictures the lines of a company name, and which of them are here."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from crossdock.companies.scope import CompanyOwned

SMALL = 96
"""Pixels of a square for lists."""
LARGE = 480
"""Pixels of a square to look at, and for papers."""


class Picture(CompanyOwned):
    """The picture at an address. Never shared: nobody sees what another company's address gave."""

    url = models.CharField(max_length=1000)
    """As the channel told it."""
    url_hash = models.CharField(max_length=64, db_collation="C")
    """``wanting.hash_of`` the address: what it is found by."""
    host = models.CharField(max_length=260, db_collation="C")
    seen_at = models.DateTimeField()
    """When a line last named it, to the day: decides how long it is kept."""
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True, blank=True)
    """When it is fetched next; None once it is here, or given up until a line names it again."""
    fetched_at = models.DateTimeField(null=True, blank=True)
    """When it came; None while no file of it is here."""
    problem = models.CharField(max_length=300, blank=True)
    """Why it could not be fetched, in words for people."""

    class Meta(CompanyOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["company", "url_hash"], name="picture_once_a_company")
        ]
        indexes = [
            models.Index(
                fields=["company", "due_at"],
                name="picture_due",
                condition=Q(due_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"picture {self.pk}"
