"""What ``crossdock check`` looks at, and what speaks against serving at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings

from crossdock.companies.models import Person
from crossdock.companies.only_one import standing
from crossdock.ops import look_here, look_outside
from crossdock.ops.database_form import WrongForm, require_this_form
from crossdock.ops.finding import Finding, looked
from crossdock.ops.keys import WAY_OUT, lost_ones
from crossdock.ops.owner_link import link_words
from crossdock.ops.restore import copy_words

DEMO_PASSWORD = "crossdock-demo"  # noqa: S105 - published on the login page of every demo
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def findings() -> Iterator[Finding]:
    """Everything that can be tried, in the order in which trouble should be mended: each in a sentence,
    whatever happens to it."""
    yield Finding(True, f"data folder: {settings.DATA_DIR}")
    for name, look in _HERE:
        yield from looked(name, look)
    there = list(looked("database", look_here.database))
    yield from there
    if all(one.good for one in there):
        for name, look in _WITH_DATABASE:
            yield from looked(name, look)


_HERE = (("disk", look_here.disk), ("backup", look_here.backups), ("files", look_outside.files))
_WITH_DATABASE = (
    ("restored", look_here.only_one),
    ("keys", look_here.keys),
    ("owner", look_here.owner),
    ("connections", look_here.connections),
    ("clock", look_here.clock),
    ("workers", look_here.workers),
    ("reached at", look_outside.public_address),
    ("https", look_outside.https),
    ("app keys", look_outside.app_keys),
    ("stores", look_outside.stores),
    ("SQL Account", look_outside.books),
    ("e-mail", look_outside.mail),
)
"""The calls ask the database first whether anything may go out."""


def why_unsafe(listens_on: str = "127.0.0.1") -> str:
    """Why this installation must not serve; empty when nothing speaks against it."""
    others = listens_on not in LOOPBACK
    if others and not os.environ.get("CROSSDOCK_PUBLIC_URL"):
        return (
            f"Others reach these pages at {listens_on}: set CROSSDOCK_PUBLIC_URL to the address that they "
            "use, such as http://192.168.1.5:8000."
        )
    try:
        require_this_form()
    except WrongForm as problem:
        return str(problem)
    if lost_ones():
        return f"keys.toml does not open the secrets of this database. {WAY_OUT}"
    reached_at = urlsplit(settings.PUBLIC_URL).hostname or ""
    if (others or reached_at not in LOOPBACK) and (open_ones := open_demo_logins()):
        return (
            "Others reach this installation, and demo logins with the demo password exist: "
            f"{', '.join(open_ones)}."
        )
    return ""


def open_demo_logins() -> list[str]:
    """Demo logins that still have the demo password: reason not to serve the public."""
    people = Person.objects.filter(email__endswith="@demo.test", is_active=True)
    return [person.email for person in people if person.check_password(DEMO_PASSWORD)]


def told_at_start() -> list[str]:
    """What whoever starts this installation must know."""
    since = standing().copy_of
    return [words for words in (copy_words(since) if since else "", link_words()) if words]
