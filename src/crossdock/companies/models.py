"""The company, its people, and who is what in which company."""

from __future__ import annotations

from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower

from crossdock.companies.rights import Role


class PersonManager(BaseUserManager["Person"]):
    """Makes people, known by their e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Person:
        """A person who can log in with this address and password (None: no password yet)."""
        person = Person(email=self.normalize_email(email).lower(), **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> Person:
        """As Django's commands want it; rights inside Crossdock come from memberships alone."""
        return self.create_user(email, password, is_superuser=True, **fields)


class Person(AbstractBaseUser, PermissionsMixin):
    """Somebody who can log in; in any number of companies."""

    email = models.EmailField(unique=True)
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
    role = models.CharField(
        max_length=12, choices=[(role.value, role.value.title()) for role in Role]
    )
    since = models.DateTimeField(auto_now_add=True)
    columns = models.JSONField(default=list, blank=True)
    """The columns of the list that this person chose, in their order; empty: as at first."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "person"], name="one_role_a_company")
        ]

    def __str__(self) -> str:
        return f"{self.person} ({self.role})"


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
