"""What ``crossdock check`` looks at: configuration, database, keys, connections, channels."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError, connection

from crossdock import __version__
from crossdock.channels.errors import ChannelError
from crossdock.channels.registry import channels
from crossdock.companies.models import Person
from crossdock.companies.scope import all_companies, company_scope
from crossdock.companies.sealing import WrongKey, open_sealed
from crossdock.ops.database_form import WrongForm, require_this_form
from crossdock.posting.connect import check as check_books
from crossdock.posting.models import SqlAccount
from crossdock.stores.calling import call
from crossdock.stores.models import Store
from crossdock.stores.registration import callback_url, webhook_url

DEMO_PASSWORD = "crossdock-demo"  # noqa: S105 - published on the login page of every demo
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    good: bool
    text: str


def findings() -> Iterator[Finding]:
    """Everything that can be checked, in the order in which trouble should be mended."""
    yield Finding(True, f"data folder: {settings.DATA_DIR}")
    yield Finding(True, f"reached at: {settings.PUBLIC_URL}")
    yield Finding(True, _https())
    try:
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            yield Finding(True, f"database: PostgreSQL {cursor.fetchone()[0]}")
    except DatabaseError as error:
        yield Finding(False, f"database: {error}")
        return
    try:
        require_this_form()
    except WrongForm as problem:
        yield Finding(False, f"migrations: {problem}")
        return
    yield Finding(True, f"migrations: all of Crossdock {__version__} are in")
    yield from _channels()
    yield from _stores()
    yield from _books()
    host = settings.EMAIL_HOST
    yield Finding(
        True,
        f"e-mail: through {host}"
        if host
        else "e-mail: CROSSDOCK_EMAIL_HOST is not set, so that no mail is sent: warnings that a "
        "store's authorisation ends show in the app only, owners hand on the links of invitations, "
        "and a lost password needs crossdock password",
    )


def why_unsafe(listens_on: str = "127.0.0.1") -> str:
    """Why this installation must not serve; empty when nothing speaks against it."""
    others = listens_on not in LOOPBACK
    if others and not os.environ.get("CROSSDOCK_PUBLIC_URL"):
        return (
            f"Others reach these pages at {listens_on}: set CROSSDOCK_PUBLIC_URL to the address that they "
            "use, such as http://192.168.1.5:8000."
        )
    if not keys_fit():
        return "keys.toml does not open the tokens of this database: put the right file back."
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


def keys_fit() -> bool:
    """Whether the tokens in the database open with the keys at hand."""
    with all_companies():
        for sealed in Store.objects.exclude(access_token_sealed=b"").values_list(
            "access_token_sealed", flat=True
        )[:20]:
            try:
                open_sealed(bytes(sealed))
            except WrongKey:
                return False
    return True


def _https() -> str:
    """What plain http does without; behind https, whose word about it counts."""
    if settings.CONFIG.https:
        proxies = ", ".join(map(str, settings.TRUSTED_PROXIES))
        return f"https: spoken by a proxy at {proxies} (CROSSDOCK_TRUSTED_PROXIES)"
    return (
        "https: not in use. The camera, installing on a phone, push messages and passkeys need it, and the "
        "marketplaces' messages (asking for changes serves without them); all else works without"
    )


def _channels() -> Iterator[Finding]:
    for known in channels():
        registered = known.name in settings.CHANNEL_APPS
        text = f"{known.title}: found; {'app key set' if registered else 'no app key set'}"
        yield Finding(
            True, f"{text}; callback {callback_url(known.name)}, webhook {webhook_url(known.name)}"
        )


def _stores() -> Iterator[Finding]:
    if not keys_fit():
        yield Finding(
            False, "keys: keys.toml does not open this database's tokens; put the right file back"
        )
        return
    with all_companies():
        stores = list(Store.objects.filter(unlinked_at__isnull=True))
    for store in stores:
        with company_scope(store.company_id):
            try:
                name = call(store, lambda known, shop: known.shop_name(shop))
                yield Finding(True, f"store {store.name}: answers as {name}")
            except ChannelError as error:
                yield Finding(False, f"store {store.name}: {error.words}")


def _books() -> Iterator[Finding]:
    with all_companies():
        connected = list(SqlAccount.objects.all())
    for books in connected:
        with company_scope(books.company_id):
            checked = check_books(books)
        yield Finding(not checked.trouble, f"SQL Account: {checked.trouble or checked.books_name}")
