"""What an installation knows of itself."""

from __future__ import annotations

from django.db import models


class Installation(models.Model):
    """The one row about this database."""

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY, editable=False)
    version = models.CharField(max_length=40, blank=True, db_default="")
    """The newest version of Crossdock that brought this database to its form."""

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_installation")]

    def __str__(self) -> str:
        return self.version or "no version yet"
