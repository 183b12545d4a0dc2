"""Whether the books that answer are those that were connected.

The same address and keys may open others from one day to the next: the new year's database, a backup
that was put back. What is written into those cannot be taken out again, so the company profile is
compared before a run, and now and then during it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from crossdock.channels.errors import NoSeat, TokenDead
from crossdock.posting import nameplate
from crossdock.posting.models import SqlAccount
from crossdock.posting.nameplate import NAMELESS, Nameplate
from crossdock.posting.sqlaccount.client import Client
from crossdock.work.models import Attempt
from crossdock.work.relinked import wake

_LONGEST = timedelta(seconds=30)
"""So long a comparison stands during a run."""


def others_answer(books: SqlAccount, client: Client, *, since: datetime) -> bool:
    """Whether these are other books than those that were connected (``books.trouble`` says so then).

    They are asked unless that was done since this moment, and lately. Where the keys were refused, or
    no seat was free, they are not tried again within that time. Raises ``channels.errors``.
    """
    began = timezone.now()
    if books.compared_at is None or books.compared_at < max(since, began - _LONGEST):
        try:
            now = nameplate.read(client.profile())
        except (TokenDead, NoSeat) as refusal:
            note(books, began, error=refusal.words)
            raise
        compare(books, now, began)
    elif books.error:
        raise TokenDead(books.error)
    return books.others is not None


def compare(books: SqlAccount, now: Nameplate, at: datetime) -> None:
    """Keep what a comparison at that moment found: whose books answer. What waited for those of before
    goes on where they are back."""
    was_in_trouble = bool(books.trouble)
    if now.is_as_before(books.nameplate):
        known = {"books_name": now.name, "register": now.register}
        note(books, at, error="", other_name="", other_register="", **known)
        if was_in_trouble:
            wake(Attempt.objects.filter(action="post"))
    else:
        note(books, at, error="", other_name=now.name or NAMELESS, other_register=now.register)


def note(books: SqlAccount, at: datetime, **told: str) -> None:
    """Keep what the books told, unless others were confirmed meanwhile."""
    books.compared_at = at
    for name, value in told.items():
        setattr(books, name, value)
    SqlAccount.objects.filter(pk=books.pk, era=books.era).update(compared_at=at, **told)
