"""What every template knows: the company, the person's place in it, and what they may do."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from crossdock.companies.letters import mail_works
from crossdock.companies.models import Membership
from crossdock.companies.only_one import standing
from crossdock.companies.rights import Deed, may
from crossdock.ui.theme import theme_of


def _copy_of(membership: Membership | None) -> Any:
    if not may(membership, Deed.ADMINISTER):
        return None
    return SimpleLazyObject(lambda: standing().copy_of)


def company(request: HttpRequest) -> dict[str, Any]:
    """``company``, ``membership``, ``may`` (a mapping: ``may.fulfil``), ``theme``, ``mail`` (whether any can be
    sent), ``copy_of`` (for owners: the moment of the backup that this installation came from, while it may not act
    outside; asked of the database only where it is shown) and the demo banner."""
    membership = getattr(request, "membership", None)
    return {
        "company": getattr(request, "company", None),
        "membership": membership,
        "may": {deed.value.replace(" ", "_"): may(membership, deed) for deed in Deed},
        "theme": theme_of(request),
        "mail": mail_works(),
        "copy_of": _copy_of(membership),
        "demo": settings.DEMO,
        "sandbox_url": settings.CONFIG.sandbox_url,
    }
