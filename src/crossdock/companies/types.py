"""What a request is, once it is known who sent it, and once it has come into a company."""

from __future__ import annotations

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from crossdock.companies.models import Company, Membership, Person


class PersonRequest(HttpRequest):
    """A request by somebody who is logged in."""

    user: Person


class CompanyRequest(PersonRequest):
    """A request by a member of a company."""

    company: Company
    membership: Membership
    htmx: HtmxDetails
