"""The rows that say what is done and what came of it; procrastinate says who works and when."""

from __future__ import annotations

from enum import IntEnum, StrEnum

from django.db import models
from django.db.models import Q
from django.utils import timezone

from crossdock.companies.models import Person
from crossdock.companies.scope import CompanyOwned
from crossdock.orders.models import Order


class State(StrEnum):
    """Where an attempt stands."""

    QUEUED = "queued"
    SENDING = "sending"
    """Written down, and about to be or being sent: after a kill, the outside system is asked."""
    ASKING = "asking"
    """Found in ``sending`` by a new holder, or its answer never came: being settled by asking."""
    WAITING = "waiting"
    """Held until somebody re-links the store or the closed API opens; goes on by itself then."""
    UNCLEAR = "unclear"
    """Asking could not settle it: a person must look. Never sent again by itself."""
    DONE = "done"
    ALREADY = "already"
    PARTLY = "partly"
    REFUSED = "refused"
    CANCELLED = "cancelled"

    @property
    def is_open(self) -> bool:
        """Whether another attempt of the same action on the same order must not begin."""
        return self in OPEN


OPEN = (State.QUEUED, State.SENDING, State.ASKING, State.WAITING, State.UNCLEAR)
SETTLED = tuple(state for state in State if state not in OPEN)


class Priority(IntEnum):
    """The order of service in a lane: lower is served first."""

    SCAN = 0
    CLICK = 1
    WEBHOOK = 2
    BATCH = 3
    SCHEDULE = 4


class Batch(CompanyOwned):
    """One bulk action of one person over many orders, with an outcome for each."""

    action = models.CharField(max_length=40)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    """None: it was begun by Crossdock itself, as the company wishes."""
    form_key = models.CharField(max_length=64)
    """The form's one-time key: the same key is the same batch, so a double click starts one."""
    selection = models.JSONField(default=dict)
    """``{"ids": [order pk…]}`` or ``{"filter": {…}, "up_to": highest order pk at the start}``."""
    options = models.JSONField(default=dict)
    started_at = models.DateTimeField(auto_now_add=True)
    filled_up_to = models.BigIntegerField(default=0)
    """Attempts are written for all selected orders up to this order pk."""
    filled_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    product = models.CharField(max_length=200, blank=True)
    """Path of the file that the batch made (a merged AWB PDF), relative to the data folder."""
    retry_of = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, related_name="retries"
    )

    class Meta(CompanyOwned.Meta):
        verbose_name_plural = "batches"
        constraints = [
            models.UniqueConstraint(fields=["company", "form_key"], name="batch_once_a_form")
        ]
        indexes = [models.Index(fields=["company", "-id"], name="batch_newest")]

    def __str__(self) -> str:
        return f"{self.action} #{self.pk}"

    @property
    def begun_by(self) -> str:
        """Who began it, as pages say it."""
        return str(self.person or "automatically")


class Lane(CompanyOwned):
    """A queue with one holder at a time: one per store and kind of call, one per company for SQL Account."""

    name = models.CharField(max_length=80)
    token = models.BigIntegerField(default=0)
    """Raised by every new holder: an overtaken one can neither send nor record (fencing)."""
    held_until = models.DateTimeField(null=True, blank=True)

    class Meta(CompanyOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["company", "name"], name="lane_once")]

    def __str__(self) -> str:
        return self.name


class Attempt(CompanyOwned):
    """One action on one order, once."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="attempts")
    action = models.CharField(max_length=40)
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, null=True, related_name="attempts")
    lane = models.ForeignKey(Lane, on_delete=models.PROTECT, related_name="attempts")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    priority = models.PositiveSmallIntegerField(default=Priority.BATCH)
    options = models.JSONField(default=dict)

    state = models.CharField(max_length=12, default=State.QUEUED)
    words = models.TextField(blank=True)
    """The outcome in the outside system's own words, or ours where it said nothing."""
    code = models.CharField(max_length=80, blank=True)
    sent = models.JSONField(default=dict)
    """What is or was sent, written down before it is sent."""
    result = models.JSONField(default=dict)
    """What a later step needs of the answer (package ids, a label's path, a document key)."""
    token = models.BigIntegerField(default=0)
    """The lane's token under which it was sent: recording is by compare-and-set on it."""

    unread = models.BooleanField(default=False)
    """It changed the order out there, and the order was not read again yet: its lane does that."""

    created_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField(default=timezone.now)
    """Not before this moment: turns, retries and askings are scheduled by it."""
    sent_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    asked = models.PositiveSmallIntegerField(default=0)
    """How many questions since it was last sent were put in vain."""
    sent_again = models.PositiveSmallIntegerField(default=0, db_default=0)
    """How often it was sent once more, since it was certainly not there."""

    class Meta(CompanyOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["order", "action"],
                condition=Q(state__in=[state.value for state in OPEN]),
                name="one_open_attempt_an_order_and_action",
            ),
            models.UniqueConstraint(
                fields=["batch", "order"],
                condition=Q(batch__isnull=False),
                name="attempt_once_a_batch",
            ),
        ]
        indexes = [
            models.Index(
                fields=["lane", "priority", "due_at", "id"],
                condition=Q(state__in=["queued", "sending", "asking"]),
                name="attempt_next_in_lane",
            ),
            models.Index(
                fields=["lane", "priority", "due_at", "id"],
                condition=Q(state__in=["sending", "asking"]),
                name="attempt_in_doubt",
            ),  # apart from those: it is looked at before each call, and mostly empty
            models.Index(fields=["lane"], condition=Q(unread=True), name="attempt_unread"),
            models.Index(fields=["batch", "state"], name="attempt_progress"),
            models.Index(fields=["order", "-id"], name="attempt_of_an_order"),
            models.Index(
                fields=["company", "order"], condition=Q(state="waiting"), name="attempt_waiting"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.order_id}: {self.state}"


class Turn(models.Model):
    """One GCRA row per rate limit, shared by all workers and companies (an app's limit spans companies)."""

    key = models.CharField(max_length=80, primary_key=True)
    free_at = models.DateTimeField()
    """The theoretical arrival time: when the bucket is next free."""
    wanted_until = models.DateTimeField(null=True, blank=True)
    """Until then the next turn is kept for somebody urgent who waits for it (a scan)."""

    def __str__(self) -> str:
        return self.key


class Figure(models.Model):
    """How often something happened, for good: see ``figures``."""

    key = models.CharField(max_length=120, primary_key=True)
    """What, and its labels, with colons between."""
    number = models.BigIntegerField(default=0, db_default=0)

    def __str__(self) -> str:
        return f"{self.key} {self.number}"
