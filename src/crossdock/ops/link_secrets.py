"""Links that let somebody in (an invitation, a new password, the first owner) hold a secret in their address:
the log names such an address without it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import suppress

from django.http import HttpRequest
from django.urls import Resolver404, resolve

_SECRET = frozenset({"token", "key"})
"""The names of such parts in the patterns of addresses."""


class WithoutLinkSecrets(logging.Filter):
    """On a handler: rewrites what Django says of a request, which it names by its path."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Every record is written."""
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest):
            for secret in _secrets_in(request):
                record.msg, record.args = record.getMessage().replace(secret, "…"), None
        return True


def _secrets_in(request: HttpRequest) -> Iterator[str]:
    with suppress(Resolver404):
        found = request.resolver_match or resolve(f"{request.path_info.rstrip('/')}/")
        yield from (str(part) for name, part in found.kwargs.items() if name in _SECRET and part)
