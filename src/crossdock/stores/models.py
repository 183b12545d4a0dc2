"""A linked shop with its tokens and its health."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from crossdock.companies.scope import CompanyOwned

FIRST_DAYS = 3
"""How many days of orders come in at first, unless somebody asks for more."""


class Store(CompanyOwned):
    """One shop of the company on one channel, in one region."""

    channel = models.CharField(max_length=20)
    region = models.CharField(max_length=8)
    shop_id = models.CharField(max_length=64, db_collation="C")
    name = models.CharField(max_length=120)
    shop_key = models.CharField(max_length=200, blank=True)
    """What the channel's calls name the shop by, where that is not its id (``contract.Shop.key``)."""
    token_holder = models.CharField(max_length=120, blank=True, db_collation="C")
    """Stores of one holder share one pair of tokens (``contract.Grant.holder``); "": its own."""
    authorize_region = models.CharField(max_length=8, blank=True)
    """Through which of the channel's authorise pages the seller came; "" for a store of before."""
    first_days = models.PositiveSmallIntegerField(default=FIRST_DAYS)
    """How many days the orders in the book were asked to reach back from the linking."""
    linked_at = models.DateTimeField(auto_now_add=True)
    unlinking_at = models.DateTimeField(null=True, blank=True)
    """Somebody wants it unlinked: nothing new begins, and what is in the air is awaited."""
    unlinked_at = models.DateTimeField(null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)

    access_token_sealed = models.BinaryField(default=b"")
    refresh_token_sealed = models.BinaryField(default=b"")
    access_expires_at = models.DateTimeField(null=True, blank=True)
    refresh_expires_at = models.DateTimeField(null=True, blank=True)
    """When the refresh token ends; None where the channel does not tell."""
    end_granted_at = models.DateTimeField(null=True, blank=True)
    """When that end was last moved: tells for how long it was given."""
    consent_ends_at = models.DateTimeField(null=True, blank=True)
    """When the seller's consent ends, where that is told apart (``contract.GrantedShop.ends_at``)."""
    refresh_started_at = models.DateTimeField(null=True, blank=True)
    """Set while a refresh is under way: found again after a kill, it shows as "re-link"."""
    token_dead_words = models.TextField(blank=True)
    """Why the store must be linked again; "" while its token lives."""

    missing_permissions = models.JSONField(default=dict, db_default={})
    """What the channel does not permit us though the token lives: the permission's name →
    ``{"lack", "words", "since", "is_for_orders"}``; read and written by ``stores.permissions``."""
    token_warned = models.CharField(max_length=12, blank=True)
    """The last warning about the authorisation's end that was sent: ``30``, ``7``, ``1`` or ``dead``."""
    ways_to_ship = models.JSONField(default=dict)
    """How this store ships: logistics id → ``{"name", "method", "address_id", "address",
    "branch_id", "branch"}``; read and written by ``stores.ways``."""

    synced_until = models.DateTimeField(null=True, blank=True)
    """Every change up to this moment (by the channel's update time) is in the book."""
    returns_synced_until = models.DateTimeField(null=True, blank=True)
    """The same for returns, which have lists of their own."""
    sync_started_at = models.DateTimeField(null=True, blank=True)
    sync_succeeded_at = models.DateTimeField(null=True, blank=True)
    sync_failed_at = models.DateTimeField(null=True, blank=True)
    sync_error = models.TextField(blank=True)
    """The last failure in the channel's own words; "" after a success."""

    class Meta(CompanyOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "region", "shop_id"],
                condition=Q(unlinked_at__isnull=True),
                name="shop_linked_once_in_an_installation",
            ),
            models.UniqueConstraint(
                fields=["company", "channel", "region", "shop_id"],
                name="shop_has_one_row_a_company",
            ),
        ]
        indexes = [
            models.Index(
                fields=["channel", "token_holder"],
                name="stores_of_a_holder",
                condition=~Q(token_holder=""),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def needs_relink(self) -> bool:
        """Whether only the seller can bring this store back to life."""
        return bool(self.token_dead_words)

    @property
    def serves(self) -> bool:
        """Whether anything new may begin for this store."""
        return self.unlinked_at is None and self.unlinking_at is None


class SpentState(models.Model):
    """A visit to a channel's page that came back: each may come back once, however many at a time."""

    nonce = models.CharField(max_length=64, primary_key=True)
    spent_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"spent {self.spent_at:%F %T}"
