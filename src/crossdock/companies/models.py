"""The company, its people, who is what in which company, and who is asked to join."""

from __future__ import annotations

from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from crossdock.companies.addresses import address_of
from crossdock.companies.rights import Role
from crossdock.companies.scope import CompanyOwned

_ROLES = [(role.value, role.value.title()) for role in Role]


class Voucher(models.TextChoices):
    """Who says that an address is its person's. Only the mailbox itself proves it."""

    NOBODY = "", "an owner's word, in that owner's company alone"
    OPERATOR = "operator", "the operator's word, for the operator's own commands"
    MAIL = "mail", "a letter that was answered"


class PersonManager(BaseUserManager["Person"]):
    """Makes people, known by their e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Person:
        """A person who can log in with this address and password (None: no password yet)."""
        person = Person(email=address_of(email), **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> Person:
        """As Django's commands want it; rights inside Crossdock come from memberships alone."""
        return self.create_user(email, password, is_superuser=True, **fields)


class Person(AbstractBaseUser, PermissionsMixin):
    """Somebody who can log in; in any number of companies."""

    email = models.EmailField(unique=True)
    vouched_by = models.CharField(
        max_length=8, choices=Voucher.choices, default=Voucher.NOBODY, db_default="", blank=True
    )
    name = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[PersonManager] = PersonManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name_plural = "people"
        constraints = [models.UniqueConstraint(Lower("email"), name="person_email_any_case")]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_proven(self) -> bool:
        """Whether a letter to the address was answered, so that the address counts everywhere."""
        return self.vouched_by == Voucher.MAIL


class Company(models.Model):
    """The tenant: everything belongs to one."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=60, unique=True)
    time_zone = models.CharField(max_length=64, default="Asia/Kuala_Lumpur")
    base_currency = models.CharField(max_length=3, default="MYR")
    ship_needs_verification = models.BooleanField(
        "To Ship needs verification",
        default=False,
        help_text="An order is shipped only after Stock Pick has found all of its items.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    people = models.ManyToManyField(Person, through="Membership", related_name="companies")

    class Meta:
        verbose_name_plural = "companies"

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which this company's days begin and end."""
        return ZoneInfo(self.time_zone)


class Membership(models.Model):
    """A person's place in a company."""

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="memberships")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=12, choices=_ROLES)
    since = models.DateTimeField(auto_now_add=True)
    columns = models.JSONField(default=list, blank=True)
    """The columns of the list that this person chose, in their order; empty: as at first."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "person"], name="one_role_a_company")
        ]

    def __str__(self) -> str:
        return f"{self.person} ({self.role})"


class Invitation(CompanyOwned):
    """A company asks an address to join. Nobody is in before the answer.

    Its link is no secret at rest: it is signed from this row (``invitations.link_of``).
    """

    email = models.EmailField()
    name = models.CharField(max_length=120, blank=True)
    """What the owner calls a newcomer; somebody who is here already keeps their own name."""
    role = models.CharField(max_length=12, choices=_ROLES)
    invited_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    link_number = models.PositiveIntegerField(default=0)
    """Counts the links: a new one ends those before it."""
    by_mail = models.BooleanField(default=False)
    """The link goes to the address and is shown to nobody here, so that having it proves the address."""
    mailed_at = models.DateTimeField(null=True)
    mail_problem = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)

    class Meta(CompanyOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["company", "email"],
                condition=models.Q(revoked_at=None, accepted_at=None),
                name="one_open_invitation",
            )
        ]
        indexes = [models.Index(fields=["email"], name="invitation_email")]

    def __str__(self) -> str:
        return f"{self.email} ({self.role})"

    @property
    def is_expired(self) -> bool:
        """Whether its link is too old; a new one can be given."""
        return self.expires_at <= timezone.now()


class AddressChange(models.Model):
    """Somebody wants another address to log in with (or to prove the one they have)."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    address = models.EmailField()
    before = models.EmailField()
    link_number = models.PositiveIntegerField(default=0)
    asked_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=models.Q(taken_at=None), name="one_change_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.before} → {self.address}"


class Tally(models.Model):
    """How often something was tried of late, for limits that all processes share (``limits.py``)."""

    key = models.CharField(max_length=64, primary_key=True)
    """A keyed hash: no address and no code stands here."""
    value = models.JSONField()
    until = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name_plural = "tallies"

    def __str__(self) -> str:
        return self.key
