"""What people keep of the orders page: views with a name."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower

from crossdock.companies.models import Person
from crossdock.companies.scope import CompanyOwned


class SavedView(CompanyOwned):
    """A filter with a name: one's own, or shared in the company."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    """Who saved it, and may rename and delete it (an owner may as well)."""
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=4000)
    """The filter as the URL has it: ranges that move with today stay so."""
    is_shared = models.BooleanField(default=False)

    class Meta(CompanyOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                "company", "person", Lower("name"), name="view_name_once_a_person"
            )
        ]

    def __str__(self) -> str:
        return self.name
