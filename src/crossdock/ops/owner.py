"""Making a company and its owner, or adding an owner to one that exists: from the command line, or, the very
first, in a browser by the link that ``owner_link`` gives."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email, validate_slug
from django.db import IntegrityError, transaction
from django.utils.text import slugify

from crossdock.companies.addresses import LONGEST, address_of
from crossdock.companies.models import Company, Membership, Person, Voucher
from crossdock.companies.rights import Role
from crossdock.ops import owner_link
from crossdock.rules.from_outside import is_plain

LONGEST_NAME = 120
_SLUG = 60


class OwnerRefused(Exception):
    """Nothing was made; the message says what to change."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the operator asked for. ``slug``: "" for one made of the name."""

    company: str
    email: str
    name: str = ""
    password: str = ""
    slug: str = ""
    join: bool = False
    """Add the owner to a company that exists; without it a company is always a new one."""
    known: bool = False
    """Somebody who can log in already is meant, though only an owner ever vouched for the address."""


def known_person(email: str) -> Person | None:
    """Who can log in with this address."""
    if not is_plain(email):
        return None
    return Person.objects.filter(email=address_of(email)).first()


@dataclass(frozen=True, slots=True)
class Made:
    """What was done, in words, and for whom."""

    company: Company
    person: Person
    words: str


def make_first_owner(token: str, wanted: Wanted) -> Made:
    """Make a new company and its owner for whoever holds the link; the link is spent.

    Raises LinkIsDead, OwnerRefused, and then nothing was changed. Whoever can log in already is not meant:
    the link alone must not open somebody's login.
    """
    taken = OwnerRefused(
        "This address can log in here already. Take another one, or run crossdock create-owner."
    )
    with transaction.atomic():
        owner_link.one_at_a_time()
        owner_link.require_good(token)
        if known_person(wanted.email):
            raise taken
        try:
            return make_owner(wanted)
        except IntegrityError:  # an invitation was answered with this address at this moment
            raise taken from None


def make_owner(wanted: Wanted) -> Made:
    """Make it so. Raises OwnerRefused, and then nothing was changed.

    The link of the first owner is dead with it.
    """
    if not all(
        is_plain(text) for text in (wanted.company, wanted.email, wanted.name, wanted.password)
    ):
        raise OwnerRefused(
            "Names, addresses and passwords cannot hold control characters or broken letters."
        )
    with transaction.atomic():
        owner_link.one_at_a_time()
        company, made = (_existing(wanted), False) if wanted.join else (_new(wanted), True)
        person = known_person(wanted.email)
        if person is None:
            person, words = _newcomer(wanted), "can log in"
        else:
            _refuse_unvouched(person, company, wanted)
            words = "could log in already, and keeps the password"
        Membership.objects.update_or_create(
            company=company, person=person, defaults={"role": Role.OWNER.value}
        )
        owner_link.forget()
    deed = "The new company" if made else "The company that was here already,"
    told = f"{deed} {company.name} (/c/{company.slug}/) is owned by {person.email}, who {words}."
    return Made(company, person, told)


def companies_of(person: Person) -> str:
    """``Acme Trading (packer), Bolt Goods (owner)``, or that there is none."""
    held = person.memberships.select_related("company").order_by("company__name")
    return ", ".join(f"{one.company.name} ({one.role})" for one in held) or "no company"


def _existing(wanted: Wanted) -> Company:
    by = {"slug": wanted.slug} if wanted.slug else {"name": wanted.company.strip()}
    found = list(Company.objects.filter(**by)[:2])
    if not found:
        raise OwnerRefused(
            f"There is no company {wanted.slug or wanted.company!r} to join. Leave --join out to make it."
        )
    if len(found) > 1:
        raise OwnerRefused(
            f"Several companies are called {wanted.company}: say which one with --slug."
        )
    return found[0]


def _new(wanted: Wanted) -> Company:
    name = wanted.company.strip()
    if len(name) > LONGEST_NAME or not any(letter.isalnum() for letter in name):
        raise OwnerRefused(
            f"The company's name needs at least one letter or digit, and {LONGEST_NAME} characters at most."
        )
    if same := Company.objects.filter(name=name).first():
        raise OwnerRefused(
            f"A company {name} (/c/{same.slug}/) is here already, and nobody was added to it. To add "
            "an owner to it, say --join; to make another one, give it another name."
        )
    return Company.objects.create(name=name, slug=_slug(name, wanted.slug))


def _slug(name: str, chosen: str) -> str:
    """The company's word in addresses: the chosen one, or one made of its name, that is still free."""
    if chosen:
        return _free(chosen)
    stem = slugify(name)[: _SLUG - 4].strip("-_") or "company"
    taken = set(Company.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    numbered = (f"{stem}-{number}" for number in range(2, len(taken) + 3))
    return stem if stem not in taken else next(one for one in numbered if one not in taken)


def _free(chosen: str) -> str:
    try:
        validate_slug(chosen)
    except ValidationError:
        raise OwnerRefused("--slug takes letters, digits, hyphens and underscores.") from None
    if len(chosen) > _SLUG or Company.objects.filter(slug=chosen).exists():
        raise OwnerRefused(
            f"--slug {chosen} is taken by another company, or longer than {_SLUG} characters."
        )
    return chosen


def _newcomer(wanted: Wanted) -> Person:
    email = address_of(wanted.email)
    if len(email) > LONGEST or len(wanted.name) > LONGEST_NAME:
        raise OwnerRefused("The address or the owner's name is too long.")
    try:
        validate_email(email)
        validate_password(wanted.password)
    except ValidationError as problem:
        raise OwnerRefused(" ".join(problem.messages)) from None
    return Person.objects.create_user(
        email, wanted.password, name=wanted.name, vouched_by=Voucher.OPERATOR
    )


def _refuse_unvouched(person: Person, company: Company, wanted: Wanted) -> None:
    """An address that only another company's owner let in may be a stranger's login, under that name."""
    is_ours = person.memberships.filter(company=company).exists()
    if person.vouched_by == Voucher.NOBODY and not is_ours and not wanted.known:
        raise OwnerRefused(
            f"{person.email} can log in already, as {person} in {companies_of(person)}, but only an "
            "owner there ever said that the address is theirs. If you are sure that it is, say --known."
        )
