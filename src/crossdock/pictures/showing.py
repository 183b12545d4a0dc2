"""The pictures of a page's lines, in one query for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from crossdock.orders.models import Order
from crossdock.pictures.models import Picture
from crossdock.pictures.wanting import hash_of


def pictures_of(urls: Iterable[str]) -> Mapping[str, Picture]:
    """Address → its picture, for those that are here; one query, or none where nothing is named."""
    wanted = {hash_of(url) for url in urls if url}
    if not wanted:
        return {}
    found = Picture.objects.filter(url_hash__in=wanted, fetched_at__isnull=False)
    return {one.url: one for one in found.only("company_id", "url")}


def pictures_on(orders: Iterable[Order]) -> Mapping[str, Picture]:
    """The pictures of the lines of these orders, whose lines are loaded."""
    return pictures_of(line.image_url for order in orders for line in order.lines.all())
