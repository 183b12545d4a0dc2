"""The pictures of a page's lines, without a query of their own, and of a paper's, as files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from django.db.models import CharField, Func, OuterRef, QuerySet, Subquery

from crossdock import filing
from crossdock.orders.models import Line
from crossdock.pictures.files import name_of
from crossdock.pictures.models import SMALL, Picture
from crossdock.pictures.wanting import hash_of


class _Hashed(Func):
    """``wanting.hash_of``, as the database computes it."""

    template = "encode(sha256(convert_to(%(expressions)s, 'UTF8')), 'hex')"
    output_field = CharField()


def with_pictures(lines: QuerySet[Line]) -> QuerySet[Line]:
    """These lines, each with the key of its picture (``picture_pk``; None where it is not here)."""
    here = Picture.objects.filter(url_hash=_Hashed(OuterRef("image_url")), fetched_at__isnull=False)
    return lines.annotate(picture_pk=Subquery(here.values("pk")[:1]))


def files_of(urls: Iterable[str], folder: Path) -> dict[str, Path]:
    """Address → the file of its small square, for those that are here; one query for all. ``folder``: where
    files of elsewhere may be copied to."""
    by_hash = {hash_of(url): url for url in urls if url}
    if not by_hash:
        return {}
    here = Picture.objects.filter(url_hash__in=by_hash, fetched_at__isnull=False)
    names = {by_hash[one.url_hash]: name_of(one, SMALL) for one in here}
    files = filing.near(names.values(), folder)
    return {url: files[name] for url, name in names.items() if name in files}
