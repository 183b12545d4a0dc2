"""Connecting a company to its SQL Account database."""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone

from crossdock.channels.errors import ChannelError
from crossdock.channels.reading import said
from crossdock.companies.models import Company
from crossdock.companies.scope import all_companies
from crossdock.posting.models import SqlAccount
from crossdock.posting.sqlaccount.answers import Record
from crossdock.posting.sqlaccount.client import Client
from crossdock.posting.sqlaccount.signing import Keys
from crossdock.posting.turns import Turns
from crossdock.stores.sealing import open_sealed, seal


class NotConnected(Exception):
    """The books could not be connected; the message says why and what to do."""


def connect(
    company: Company,
    *,
    base_url: str,
    access_key: str,
    secret_key: str,
    region: str = "ap-southeast-5",
    service: str = "sqlaccount",
) -> SqlAccount:
    """Connect (or connect anew) a company to its books, after these keys have opened them.

    Raises NotConnected with SQL Account's own words when they don't, or when the access key
    already serves another company of this installation (which is not named).
    """
    keys = Keys(
        base_url.strip(), access_key.strip(), secret_key.strip(), region.strip(), service.strip()
    )
    _refuse_key_of_another(company, keys.access_key)
    client = _paced(keys, company.pk)
    try:
        version, profile = client.version(), client.profile()
    except ChannelError as error:
        raise NotConnected(error.words) from error
    books, _ = SqlAccount.objects.update_or_create(
        company_id=company.pk,
        defaults={
            "base_url": keys.base_url,
            "access_key": keys.access_key,
            "secret_key_sealed": seal(keys.secret_key),
            "region": keys.region,
            "service": keys.service,
            "version": version[:60],
            "books_name": _name_in(profile),
            "checked_at": timezone.now(),
            "error": "",
        },
    )
    return books


def check(books: SqlAccount) -> SqlAccount:
    """Ask the books for their version and name again, and keep what they said."""
    client = client_of(books)
    try:
        books.version, books.books_name, books.error = (
            client.version()[:60],
            _name_in(client.profile()),
            "",
        )
    except ChannelError as error:
        books.error = error.words
    books.checked_at = timezone.now()
    books.save(update_fields=["version", "books_name", "error", "checked_at"])
    return books


def client_of(books: SqlAccount, *, turn_is_taken: bool = False) -> Client:
    """A client for these books that keeps to the pace which all workers share; ``turn_is_taken``: the
    turn of its first call is in hand already."""
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


def _name_in(profile: Record) -> str:
    return said(profile.get("companyname") or profile.get("name"))[:200]
