"""What is under way, and the messages that channels sent."""

from __future__ import annotations

from django.db import models

from crossdock.companies.models import Person
from crossdock.companies.scope import CompanyOwned
from crossdock.stores.models import Store


class Pull(CompanyOwned):
    """One run over one store's changed orders: resumable, with progress."""

    class Kind(models.TextChoices):
        """Why it runs."""

        FIRST = "first", "first sync"
        REGULAR = "regular", "regular"
        ASKED = "asked", "asked for"

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="pulls")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    person = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField()
    by_creation = models.BooleanField(default=False)
    reached = models.DateTimeField()
    """The window that is being read begins here: all windows before it are in the book."""
    cursor = models.TextField(blank=True)
    """Where the channel goes on inside the window at hand."""
    listed = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    held_until = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    class Meta(CompanyOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["store"],
                condition=models.Q(finished_at__isnull=True) & ~models.Q(kind="asked"),
                name="one_scheduled_pull_a_store",
            )
        ]
        indexes = [models.Index(fields=["store", "-id"], name="pull_newest")]

    def __str__(self) -> str:
        return f"{self.store} {self.kind} {self.since:%F %T}"


class Message(models.Model):
    """A webhook as it came, stored once under its own id: which company it concerns is found later."""

    channel = models.CharField(max_length=20)
    event_id = models.CharField(max_length=128, db_collation="C")
    received_at = models.DateTimeField(auto_now_add=True)
    body = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "event_id"], name="message_once")]
        indexes = [models.Index(fields=["received_at"], name="message_by_age")]

    def __str__(self) -> str:
        return f"{self.channel} {self.event_id}"


class Counter(models.Model):
    """How many messages of a kind came: rows of +n, added up when they are read."""

    name = models.CharField(max_length=60)
    number = models.PositiveIntegerField(default=1)
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.name} +{self.number}"
