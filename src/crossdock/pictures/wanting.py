"""Which pictures are to be fetched: those that lines name and that are not known yet."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.utils import timezone

from crossdock.pictures.due import MOST_TRIES
from crossdock.pictures.models import Picture

_LONGEST = 1000
_SEEN_ANEW = timedelta(days=1)
"""That a line names a picture is noted once a day, and as often is a given-up picture tried again."""


def hash_of(url: str) -> str:
    """What a picture's address is found by."""
    return hashlib.sha256(url.encode()).hexdigest()


def not_noted_today(urls: Iterable[str]) -> list[str]:
    """The addresses without a picture, or with one that no line named for a day."""
    by_hash = {hash_of(url): url for url in urls if 0 < len(url) < _LONGEST and host_of(url)}
    if not by_hash:
        return []
    noted = Picture.objects.filter(
        url_hash__in=list(by_hash), seen_at__gt=timezone.now() - _SEEN_ANEW
    ).values_list("url_hash", flat=True)
    return [by_hash[key] for key in by_hash.keys() - set(noted)]


def want(company_id: int, urls: Iterable[str]) -> None:
    """Write down that lines of this company, whose scope is open, name these addresses."""
    now = timezone.now()
    by_hash = {hash_of(url): url for url in urls}
    Picture.objects.bulk_create(
        [
            Picture(
                company_id=company_id,
                url=url,
                url_hash=key,
                host=host_of(url),
                seen_at=now,
                due_at=now,
            )
            for key, url in sorted(by_hash.items())
        ],
        ignore_conflicts=True,
    )
    _note_seen(list(by_hash), now)


def _note_seen(keys: Sequence[str], now: datetime) -> None:
    """Note that lines name these pictures; one that was given up gets one more try."""
    stale = Picture.objects.filter(url_hash__in=keys, seen_at__lte=now - _SEEN_ANEW)
    stale.filter(fetched_at=None, due_at=None).update(due_at=now, tries=MOST_TRIES - 1)
    stale.update(seen_at=now)


def host_of(url: str) -> str:
    """The host that an address names, with its port; "" where it names none."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2].lower()[:260]
    except ValueError:
        return ""
