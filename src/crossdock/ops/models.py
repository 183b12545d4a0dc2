"""What an installation knows of itself."""

from __future__ import annotations

from django.db import models


class Installation(models.Model):
    """The one row about this database."""

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY, editable=False)
    version = models.CharField(max_length=40, blank=True, db_default="")
    """The newest version of Crossdock that brought this database to its form."""

    copy_of = models.DateTimeField(null=True, blank=True)
    """The moment of the backup that this database was restored from, while nobody has confirmed that the
    installation that made it is off (``companies.only_one``)."""
    alone_since = models.DateTimeField(null=True, blank=True)
    """When somebody last confirmed that."""
    lives_in = models.CharField(max_length=64, blank=True, db_default="")
    """Which database of which PostgreSQL cluster this is (``ops.moved``)."""

    owner_link = models.CharField(max_length=64, blank=True, db_default="")
    """The hash of the one living link with which the first owner is made (``owner_link``); "": none."""
    owner_link_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_installation")]

    def __str__(self) -> str:
        return self.version or "no version yet"
