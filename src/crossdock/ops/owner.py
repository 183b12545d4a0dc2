"""Making the first owner of a company, from the command line."""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.text import slugify

from crossdock.companies.models import Company, Membership, Person
from crossdock.companies.rights import Role


class OwnerRefused(Exception):
    """The owner was not made; the message says what to change."""


def make_owner(company_name: str, *, email: str, name: str, password: str) -> Company:
    """A company (or the one of this name) with this owner. Raises OwnerRefused."""
    try:
        validate_email(email)
        validate_password(password)
    except ValidationError as problem:
        raise OwnerRefused(" ".join(problem.messages)) from None
    slug = slugify(company_name)[:60]
    if not slug:
        raise OwnerRefused("The company's name needs at least one letter or digit.")
    with transaction.atomic():
        if Person.objects.filter(email__iexact=email).exists():
            raise OwnerRefused(f"{email} can log in already; an owner lets people in under People.")
        company, _ = Company.objects.get_or_create(slug=slug, defaults={"name": company_name})
        person = Person.objects.create_user(email, password, name=name)
        Membership.objects.create(company=company, person=person, role=Role.OWNER.value)
    return company
