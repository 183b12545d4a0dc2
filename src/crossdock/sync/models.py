"""What is under way, what could not be read, what was checked, and the messages that channels sent."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from crossdock.companies.models import Person
from crossdock.companies.scope import CompanyOwned
from crossdock.stores.models import Store


class Part(models.TextChoices):
    """What a run brings in: channels tell orders and returns by lists of their own."""

    ORDERS = "orders", "orders"
    RETURNS = "returns", "returns"


class Held(CompanyOwned):
    """Work that one worker at a time does, in slices, and that every worker can go on with."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+")
    cursor = models.TextField(blank=True)
    """Where the channel goes on inside the window at hand."""
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    held_until = models.DateTimeField(null=True, blank=True)
    """Who wrote this moment has the work until then (``sync.lease``)."""
    failures = models.PositiveIntegerField(default=0)
    """Failed tries in a row at the place where it stands; any progress sets it back."""
    error = models.TextField(blank=True)
    """Why it does not get on, in the channel's own words; "" while it does."""

    class Meta(CompanyOwned.Meta):
        abstract = True


class Pull(Held):
    """One run over one store's changed orders or returns: resumable, with progress."""

    class Kind(models.TextChoices):
        """Why it runs."""

        FIRST = "first", "first sync"
        REGULAR = "regular", "regular"
        ASKED = "asked", "asked for"

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="pulls")
    part = models.CharField(max_length=8, choices=Part.choices, default=Part.ORDERS)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    person = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField()
    by_creation = models.BooleanField(default=False)
    reached = models.DateTimeField()
    """The window that is being read begins here: all windows before it are in the book."""
    seen_until = models.DateTimeField(null=True, blank=True)
    """The latest moment that an order of this run told: how far it is, for people."""
    listed = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    set_aside = models.PositiveIntegerField(default=0)
    """How many orders could not be read whole, and are tried again by themselves."""
    cancelled_by = models.ForeignKey(
        Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    cancelled_at = models.DateTimeField(null=True, blank=True)

    class Meta(CompanyOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["store", "part"],
                condition=Q(finished_at__isnull=True) & ~Q(kind="asked"),
                name="one_scheduled_pull_a_store_and_part",
            )
        ]
        indexes = [
            models.Index(fields=["store", "-id"], name="pull_newest"),
            models.Index(
                fields=["company", "-id"], name="pull_of_a_company", condition=Q(kind="asked")
            ),
            models.Index(fields=["store"], name="pull_open", condition=Q(finished_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.store} {self.kind} {self.part} {self.since:%F %T}"


class DayCheck(Held):
    """One proof that a store's day is complete: the ids that the channel lists as created on that
    day of the company's, against ours."""

    class Why(models.TextChoices):
        """What had it made."""

        NIGHTLY = "nightly", "every night"
        WEEKLY = "weekly", "every week"
        ASKED = "asked", "asked for"

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="day_checks")
    day = models.DateField()
    since = models.DateTimeField()
    until = models.DateTimeField()
    """The day's end; while the day still runs, the moment up to which everything should be here."""
    why = models.CharField(max_length=8, choices=Why.choices)
    person = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    seen_ids = models.JSONField(default=list)
    """The ids listed so far, written when a slice ends; emptied at the end."""
    compared_at = models.DateTimeField(null=True, blank=True)
    """When the list was complete and the gaps were known: what is left is to fetch them."""
    listed = models.PositiveIntegerField(default=0)
    known_before = models.PositiveIntegerField(default=0)
    gap_ids = models.JSONField(default=list)
    """The channel order ids that the channel lists and we did not have."""
    fetched = models.PositiveIntegerField(default=0)
    """How many of the gaps are in the book now."""
    only_here = models.PositiveIntegerField(default=0)
    """Orders that we have of that day and the channel does not list: nothing is done about them."""

    class Meta(CompanyOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["store", "day"],
                condition=Q(finished_at__isnull=True),
                name="one_open_check_a_store_and_day",
            )
        ]
        indexes = [
            models.Index(fields=["company", "-id"], name="check_log"),
            models.Index(fields=["store", "day", "-id"], name="check_of_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.store} {self.day}"


class Named(CompanyOwned):
    """An order that a message named and that is still to be read."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+")
    order_id = models.CharField(max_length=64, db_collation="C")
    """The channel order id."""
    named_at = models.DateTimeField()
    """When the newest message named it: a reading that began later has seen what it told."""

    class Meta(CompanyOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["store", "order_id"], name="named_once_a_store")
        ]

    def __str__(self) -> str:
        return self.order_id


class Unread(CompanyOwned):
    """An order that could not be read whole: tried again, ever more rarely, until it can."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="unread")
    order_id = models.CharField(max_length=64, db_collation="C")
    """The channel order id."""
    words = models.TextField()
    """Why not, in the channel's own words."""
    with_returns = models.BooleanField(default=False)
    """Its returns are to be read as well."""
    tries = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField(auto_now_add=True)
    last_at = models.DateTimeField()
    next_at = models.DateTimeField()

    class Meta(CompanyOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["store", "order_id"], name="unread_once_a_store")
        ]
        indexes = [models.Index(fields=["store", "next_at"], name="unread_due")]

    def __str__(self) -> str:
        return self.order_id


class Health(CompanyOwned):
    """How the scheduled runs of a store and part fare."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="health")
    part = models.CharField(max_length=8, choices=Part.choices)
    succeeded_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)
    """The last failure in the channel's own words; "" after a success."""
    failures = models.PositiveIntegerField(default=0)
    """In a row."""
    listed = models.PositiveIntegerField(default=0)
    """By the last run that came to its end; ``changed`` likewise."""
    changed = models.PositiveIntegerField(default=0)
    behind = models.DurationField(null=True, blank=True)
    """The channel's clock is at most so far behind ours; None while nothing is known of it."""

    class Meta(CompanyOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["store", "part"], name="health_once")]

    def __str__(self) -> str:
        return f"{self.store} {self.part}"


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
    store = models.ForeignKey(Store, on_delete=models.CASCADE, null=True, related_name="+")
    """None where the message led to no store."""
    number = models.PositiveIntegerField(default=1)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["store", "-at"],
                name="counter_of_a_store",
                condition=Q(store__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} +{self.number}"
