"""Who can log in, and a way back in for whoever lost the password, from the command line."""

from __future__ import annotations

from collections.abc import Iterator

from allauth.mfa.models import Authenticator
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from crossdock.companies.models import Company, Membership, Person, Voucher
from crossdock.companies.passwords import reset_link
from crossdock.ops.owner import companies_of, known_person
from crossdock.rules.from_outside import is_plain

_VOUCHED = {
    Voucher.MAIL.value: "confirmed by mail",
    Voucher.OPERATOR.value: "set by the operator",
    Voucher.NOBODY.value: "not confirmed",
}


class NobodyThere(Exception):
    """Nobody, or no company, is known by this; the message says so."""


class BadPassword(Exception):
    """The password was not set; the message says why."""


def listed(company: str = "") -> Iterator[str]:
    """A line for everybody, under their companies (or one of them, by name or slug). Raises NobodyThere."""
    companies = Company.objects.order_by("name")
    if company:
        companies = companies.filter(slug=company) | companies.filter(name=company)
        if not is_plain(company) or not companies:
            raise NobodyThere(f"There is no company {company!r}.")
    for one in companies:
        yield f"{one.name} (/c/{one.slug}/)"
        members = one.memberships.select_related("person").order_by("person__email")
        yield from (f"  {_line(member.person, member)}" for member in members)
    alone = Person.objects.filter(memberships=None).order_by("email")
    if alone and not company:
        yield "In no company"
        yield from (f"  {_line(person)}" for person in alone)


def link_for(email: str, *, drop_two_step: bool = False) -> str:
    """A one-time link for a new password, and whose it is. Raises NobodyThere."""
    person = _person(email)
    told = _dropped(person) if drop_two_step else ""
    return (
        f"{told}For {person} ({person.email}), in {companies_of(person)}. Works once, for 24 hours; "
        f"give it to nobody else. It begins with CROSSDOCK_PUBLIC_URL:\n{reset_link(person)}"
    )


def set_password(email: str, password: str, *, drop_two_step: bool = False) -> str:
    """Set a password; what was done, in words. Every session ends. Raises NobodyThere, BadPassword."""
    person = _person(email)
    if not is_plain(password):
        raise BadPassword("A password cannot hold control characters or broken letters.")
    try:
        validate_password(password, person)
    except ValidationError as problem:
        raise BadPassword(" ".join(problem.messages)) from None
    with transaction.atomic():
        told = _dropped(person) if drop_two_step else ""
        person.set_password(password)
        person.save(update_fields=["password"])
    return f"{told}{person.email} logs in with the new password, and is logged out everywhere."


def _person(email: str) -> Person:
    person = known_person(email)
    if person is None:
        raise NobodyThere(f"Nobody can log in as {email}. crossdock people lists everybody.")
    return person


def _dropped(person: Person) -> str:
    number, _ = Authenticator.objects.filter(user=person).delete()
    return "Two-factor login is switched off. " if number else "Two-factor login was not on. "


def _line(person: Person, member: Membership | None = None) -> str:
    role = f"{member.role:<11}" if member else ""
    seen = f"last login {person.last_login:%Y-%m-%d}" if person.last_login else "never logged in"
    vouched = _VOUCHED[person.vouched_by]
    return f"{role}{person.email}  {person.name or '–'}  ({vouched}; {seen})"
