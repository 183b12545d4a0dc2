"""What a request is, once it has come through the entrance of a company."""

from __future__ import annotations

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from crossdock.companies.models import Company, Membership, Person


class CompanyRequest(HttpRequest):
    """A request by a member of a company."""

    company: Company
    membership: Membership
    user: Person
    htmx: HtmxDetails
