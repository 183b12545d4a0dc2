"""What ``crossdock check`` tries outside: each with an end, and nothing is changed or sent to anybody.

A copy of another installation calls nobody (``companies.only_one``), and says so here.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import closing
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend

from crossdock import filing
from crossdock.channels import wire
from crossdock.channels.errors import ChannelError, NotAlone
from crossdock.channels.patience import within
from crossdock.channels.registry import channel, channels
from crossdock.companies.only_one import refuse_while_copy
from crossdock.companies.scope import all_companies, company_scope
from crossdock.companies.sealing import WrongKey
from crossdock.ops.finding import Finding
from crossdock.posting.connect import check as check_books
from crossdock.posting.models import SqlAccount
from crossdock.stores.calling import call
from crossdock.stores.models import Store
from crossdock.stores.registration import NotRegistered, callback_url, webhook_url

_SECONDS = 8.0
"""For one thing that is tried."""
_RIGHTS = (
    "Look at CROSSDOCK_FILES and the keys (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY); the bucket must exist, and "
    "they must be allowed to get, put, delete and list objects in it."
)
_LEAST_OFF = 10.0
"""Seconds between our clock and another's that are worth a word: a date in an answer has whole ones."""


def app_keys() -> Iterator[Finding]:
    """Which marketplaces can be linked, and the addresses to register there."""
    for known in channels():
        app = settings.CHANNEL_APPS.get(known.name)
        prefix = f"CROSSDOCK_{known.name.upper()}_APP"
        where = f"callback {callback_url(known.name)}, webhook {webhook_url(known.name)}"
        if app is not None and not app.secret:
            yield Finding(False, f"{known.title}: app key set, but no secret: set {prefix}_SECRET")
        elif app is not None:
            yield Finding(True, f"{known.title}: found; app key set; {where}")
        else:
            told = f"no app key set (to use it, set {prefix}_KEY and {prefix}_SECRET)"
            yield Finding(not _is_linked(known.name), f"{known.title}: found; {told}; {where}")
    if not settings.CHANNEL_APPS:
        yield Finding(False, "marketplaces: none can be linked: set the app key of at least one")


def files() -> Iterator[Finding]:
    """Whether the bucket takes a file, gives it back and lets it go."""
    if not (place := filing.place()):
        return
    name, body = f"check/{secrets.token_hex(16)}", secrets.token_bytes(64)
    try:
        filing.keep(name, body)
        whole = filing.read(name) == body
        known = [one.name for one in filing.listed("check")]
        filing.remove(name)
    except OSError as problem:
        yield Finding(False, f"files: {problem} {_RIGHTS}")
        return
    if whole and name in known and not filing.is_kept(name):
        yield Finding(
            True, f"files: {place} takes them, gives them back, lists them and lets them go"
        )
    else:
        yield Finding(
            False, f"files: {place} does not give back or let go what it was given. {_RIGHTS}"
        )


def https() -> Iterator[Finding]:
    """What plain http does without; behind https, whose word about it counts."""
    if settings.CONFIG.https:
        proxies = ", ".join(map(str, settings.TRUSTED_PROXIES))
        yield Finding(True, f"https: spoken by a proxy at {proxies} (CROSSDOCK_TRUSTED_PROXIES)")
        return
    yield Finding(
        True,
        "https: not in use. The camera, installing on a phone, push messages and passkeys need it, and the "
        "marketplaces' messages (asking for changes serves without them); all else works without",
    )


def stores() -> Iterator[Finding]:
    """Whether each linked store's channel answers, by the way that all calls go."""
    with all_companies():
        linked = list(Store.objects.filter(unlinked_at__isnull=True).order_by("pk"))
    for store in linked:
        with company_scope(store.company_id), within(_SECONDS), wire.listening() as heard:
            yield _store(store)
        yield from _clock_of(channel(store.channel).title, heard)


def books() -> Iterator[Finding]:
    """Whether each company's books answer."""
    with all_companies():
        connected = list(SqlAccount.objects.order_by("pk"))
    for one in connected:
        with company_scope(one.company_id), within(_SECONDS), wire.listening() as heard:
            yield _books(one)
        yield from _clock_of("SQL Account", heard)


def mail() -> Iterator[Finding]:
    """Whether the mail server takes our login; no letter is sent."""
    host = settings.EMAIL_HOST
    if not host:
        yield Finding(
            True,
            "e-mail: CROSSDOCK_EMAIL_HOST is not set, so that no mail is sent: warnings that a store's "
            "authorisation ends show in the app only, owners hand on the links of invitations, and a lost password "
            "needs crossdock password",
        )
        return
    where = f"{host}:{settings.EMAIL_PORT}"
    try:
        refuse_while_copy()
        with closing(EmailBackend(timeout=_SECONDS)) as server:
            server.open()
    except ChannelError as waits:
        yield Finding(False, f"e-mail: {where} was not tried. {waits.words}")
    except (OSError, ValueError) as problem:
        yield Finding(
            False,
            f"e-mail: {where} does not take our login ({_said(problem)}): look at the CROSSDOCK_EMAIL_ settings",
        )
    else:
        yield Finding(True, f"e-mail: {where} takes our login")


def public_address() -> Iterator[Finding]:
    """What answers where people and marketplaces are to reach us."""
    url = f"{settings.PUBLIC_URL}/healthz"
    host = urlsplit(url).hostname or ""
    try:
        answer = wire.send(
            "GET", url, writes=False, trusted_hosts=frozenset({host}), seconds=_SECONDS
        )
    except NotAlone as waits:
        yield Finding(False, f"reached at: {url} was not asked. {waits.words}")
        return
    except ChannelError as problem:
        yield Finding(
            False,
            f"reached at: {url} did not answer ({problem.words.rstrip('.')}): is crossdock up (or web) running, and "
            "CROSSDOCK_PUBLIC_URL the address that people use?",
        )
        return
    if answer.status == 200 and b'"ok"' in answer.body:
        yield Finding(True, f"reached at: {settings.PUBLIC_URL}, which answers")
    else:
        yield Finding(
            False,
            f"reached at: {url} answered {answer.status}, and not as Crossdock does: look at the reverse proxy, and at "
            "CROSSDOCK_PUBLIC_URL",
        )


def _store(store: Store) -> Finding:
    try:
        name = call(store, lambda known, shop: known.shop_name(shop))
    except ChannelError as error:
        return Finding(False, f"store {store.name}: {error.words}")
    except (NotRegistered, WrongKey) as problem:
        return Finding(False, f"store {store.name}: {problem}")
    return Finding(True, f"store {store.name}: answers as {name}")


def _books(books: SqlAccount) -> Finding:
    try:
        checked = check_books(books)
    except WrongKey as problem:
        return Finding(False, f"SQL Account: {problem}")
    return Finding(not checked.trouble, f"SQL Account: {checked.trouble or checked.books_name}")


def _clock_of(whose: str, heard: list[wire.Heard]) -> Iterator[Finding]:
    """A word where the newest answer's date says that our clock is wrong."""
    dated = [one for one in heard if one.date]
    if not dated:
        return
    try:
        theirs = parsedate_to_datetime(dated[-1].date).timestamp()
    except ValueError:
        return
    off = dated[-1].at - theirs
    if abs(off) > _LEAST_OFF:
        how = "ahead of" if off > 0 else "behind"
        yield Finding(
            False,
            f"clock: {abs(off):.0f} s {how} that of {whose}: set this machine's by the network (NTP)",
        )


def _is_linked(name: str) -> bool:
    with all_companies():
        return Store.objects.filter(channel=name, unlinked_at__isnull=True).exists()


def _said(problem: Exception) -> str:
    """What a mail server said, without what it was told."""
    return " ".join(str(problem).split())[:200] or type(problem).__name__
