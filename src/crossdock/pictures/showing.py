"""The pictures of a page's lines, without a query of their own."""

from __future__ import annotations

from django.db.models import CharField, Func, OuterRef, QuerySet, Subquery

from crossdock.orders.models import Line
from crossdock.pictures.models import Picture


class _Hashed(Func):
    """``wanting.hash_of``, as the database computes it."""

    template = "encode(sha256(convert_to(%(expressions)s, 'UTF8')), 'hex')"
    output_field = CharField()


def with_pictures(lines: QuerySet[Line]) -> QuerySet[Line]:
    """These lines, each with the key of its picture (``picture_pk``; None where it is not here)."""
    here = Picture.objects.filter(url_hash=_Hashed(OuterRef("image_url")), fetched_at__isnull=False)
    return lines.annotate(picture_pk=Subquery(here.values("pk")[:1]))
