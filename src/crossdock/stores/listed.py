"""The company's stores, read once for everything that a page says of them."""

from __future__ import annotations

from django.http import HttpRequest

from crossdock.stores.models import Store


def every_store(request: HttpRequest) -> list[Store]:
    """The stores of the running scope by name, also those that were unlinked: one query a request."""
    found: list[Store] | None = getattr(request, "_every_store", None)
    if found is None:
        found = list(Store.objects.order_by("name", "pk"))
        request._every_store = found  # type: ignore[attr-defined]
    return found


def linked_stores(request: HttpRequest) -> list[Store]:
    """Those of them that are linked."""
    return [store for store in every_store(request) if store.unlinked_at is None]
