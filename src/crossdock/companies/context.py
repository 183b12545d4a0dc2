"""What every template knows: the company, the person's place in it, and what they may do."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from crossdock.companies.letters import mail_works
from crossdock.companies.rights import Deed, may
from crossdock.ui.theme import theme_of


def company(request: HttpRequest) -> dict[str, Any]:
    """``company``, ``membership``, ``may`` (a mapping: ``may.fulfil``), ``theme``, ``mail`` (whether any can be
    sent), ``copy_of`` (for owners: the moment of the backup that this installation came from, while it may not act
    outside) and the demo banner."""
    membership = getattr(request, "membership", None)
    return {
        "company": getattr(request, "company", None),
        "membership": membership,
        "may": {deed.value.replace(" ", "_"): may(membership, deed) for deed in Deed},
        "theme": theme_of(request),
        "mail": mail_works(),
        "copy_of": getattr(membership, "copy_of", None)
        if may(membership, Deed.ADMINISTER)
        else None,
        "demo": settings.DEMO,
        "sandbox_url": settings.CONFIG.sandbox_url,
    }
