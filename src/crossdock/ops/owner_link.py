"""The one-time link with which the first owner of a new installation is made in a browser.

Whoever starts the installation reads it on the terminal. Only its hash is kept, in the one row about this
database; a new link replaces it, and any owner, however made, ends it.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.db import connection
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from crossdock.companies.letters import public
from crossdock.companies.models import Membership
from crossdock.companies.rights import Role
from crossdock.ops.models import Installation

VALID_FOR = timedelta(hours=24)
_LOCK = 7103003
"""The advisory lock of whoever makes an owner."""


class LinkIsDead(Exception):
    """The link was used, replaced, is too old, or a company has an owner already."""


def is_owned() -> bool:
    """Whether any company here has an owner."""
    return Membership.objects.filter(role=Role.OWNER).exists()


def link_words() -> str:
    """A new link and what it is for, in one line; "" where a company has an owner."""
    if is_owned():
        return ""
    return f"Nobody owns a company here yet. Make the first owner (once, within 24 hours): {new_link()}"


def new_link() -> str:
    """A link; the one before is dead."""
    token = secrets.token_urlsafe(32)
    kept = {"owner_link": _hashed(token), "owner_link_until": timezone.now() + VALID_FOR}
    Installation.objects.update_or_create(pk=Installation.ONLY, defaults=kept)
    return public("first-owner", token)


def require_good(token: str) -> None:
    """Raises LinkIsDead where no first owner can be made with this."""
    row = Installation.objects.filter(
        pk=Installation.ONLY, owner_link_until__gt=timezone.now()
    ).first()
    is_ours = row is not None and constant_time_compare(row.owner_link, _hashed(token))
    if not is_ours or is_owned():
        raise LinkIsDead


def one_at_a_time() -> None:
    """Wait until no owner is being made, and keep others waiting until the caller's transaction is over."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def forget() -> None:
    """End the link, if there is one."""
    Installation.objects.exclude(owner_link="").update(owner_link="", owner_link_until=None)


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
