"""Connecting a company to its SQL Account database."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from crossdock.channels.errors import ChannelError, TokenDead
from crossdock.companies.models import Company
from crossdock.companies.scope import all_companies
from crossdock.companies.sealing import open_sealed, seal
from crossdock.posting import nameplate, whose_books
from crossdock.posting.models import BooksCode, Reconciliation, SqlAccount
from crossdock.posting.nameplate import Nameplate
from crossdock.posting.sqlaccount.client import Client
from crossdock.posting.sqlaccount.signing import Keys
from crossdock.posting.turns import Turns
from crossdock.work.models import Attempt
from crossdock.work.relinked import wake


class NotConnected(Exception):
    """The books could not be connected; the message says why and what to do."""


class OtherBooks(Exception):
    """These keys open other books than those that were connected: a person must confirm them."""

    def __init__(self, before: Nameplate, now: Nameplate) -> None:
        super().__init__(f"These are other books than before: {before} → {now}.")
        self.before, self.now = before, now


def connect(
    company: Company,
    *,
    base_url: str,
    access_key: str,
    secret_key: str,
    region: str = "ap-southeast-5",
    service: str = "sqlaccount",
    confirmed: str = "",
) -> SqlAccount:
    """Connect (or connect anew) a company to its books, after these keys have opened them.

    ``confirmed``: the nameplate that a person has said yes to, as it was shown. Raises OtherBooks while
    it is not that of the books that answer, and they are not those of before; NotConnected with SQL
    Account's own words when the keys open nothing, or when the access key already serves another
    company of this installation (which is not named).
    """
    keys = Keys(
        base_url.strip(), access_key.strip(), secret_key.strip(), region.strip(), service.strip()
    )
    _refuse_key_of_another(company, keys.access_key)
    client, began = _paced(keys, company.pk), timezone.now()
    try:
        version, now = client.version(), nameplate.read(client.profile())
    except ChannelError as error:
        raise NotConnected(error.words) from error
    with transaction.atomic():
        held = SqlAccount.objects.select_for_update().filter(company_id=company.pk).first()
        if held and not now.is_as_before(held.nameplate) and confirmed != str(now):
            raise OtherBooks(held.nameplate, now)
        if held and _is_another_database(held, keys, now):
            forget(held)
        books, _ = SqlAccount.objects.update_or_create(
            company_id=company.pk,
            defaults={
                "base_url": keys.base_url,
                "access_key": keys.access_key,
                "secret_key_sealed": seal(keys.secret_key),
                "region": keys.region,
                "service": keys.service,
                "version": version[:60],
                "books_name": now.name,
                "register": now.register,
                "other_name": "",
                "other_register": "",
                "checked_at": began,
                "compared_at": began,
                "error": "",
            },
        )
        wake(Attempt.objects.filter(action="post"))
    return books


def forget(books: SqlAccount) -> None:
    """Forget all that was told by these books: the keys of documents, codes, and comparisons. Orders
    are asked for by number and reference from now on. In the caller's transaction."""
    SqlAccount.objects.filter(pk=books.pk).update(
        era=F("era") + 1, codes_newest={}, codes_read_at=None
    )
    BooksCode.objects.all().delete()
    Reconciliation.objects.all().delete()


def check(books: SqlAccount) -> SqlAccount:
    """Ask the books for their version and name again, and keep what they said: ``books.trouble`` tells
    what is wrong."""
    began = timezone.now()
    try:
        client = client_of(books)
        books.version, now = client.version()[:60], nameplate.read(client.profile())
    except ChannelError as error:
        books.error, books.compared_at = error.words, None
    else:
        whose_books.compare(books, now, began)
    books.checked_at = timezone.now()
    books.save(update_fields=["version", "error", "checked_at", "compared_at"])
    return books


def client_of(books: SqlAccount, *, turn_is_taken: bool = False) -> Client:
    """A client for these books that keeps to the pace which all workers share; ``turn_is_taken``: the
    turn of its first call is in hand already. Raises TokenDead where its secret is lost."""
    if not books.secret_key_sealed:
        raise TokenDead(books.error)
    keys = Keys(
        books.base_url,
        books.access_key,
        open_sealed(bytes(books.secret_key_sealed)),
        books.region,
        books.service,
    )
    return _paced(keys, books.company_id, 1 if turn_is_taken else 0)


def _paced(keys: Keys, company_id: int, turns_taken: int = 0) -> Client:
    return Client(keys, settings.TRUSTED_HOSTS, Turns(company_id, turns_taken).next)


def _refuse_key_of_another(company: Company, access_key: str) -> None:
    with all_companies():
        taken = (
            SqlAccount.objects.filter(access_key=access_key).exclude(company_id=company.pk).exists()
        )
    if taken:
        raise NotConnected(
            "This access key is already in use in this installation. Generate a key of its own for this "
            "company in SQL Account: Tools > Maintain User > More > API Secret Key."
        )


def _is_another_database(held: SqlAccount, keys: Keys, now: Nameplate) -> bool:
    """Whether a document's key can mean another document than before: it counts in one database, which
    the access key names before its slash, and other books may stand behind the same one."""
    database = (keys.base_url, keys.access_key.partition("/")[0])
    before = (held.base_url, held.access_key.partition("/")[0])
    return database != before or not now.is_as_before(held.nameplate)
