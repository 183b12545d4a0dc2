"""Requests for hosts that are not ours: refused here alone, before Django sees them."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from django.http.request import split_domain_port, validate_host

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger("django.security.DisallowedHost")
"""Django's own for these: ``ops.quiet`` makes one line a minute of it, with a count."""

_WORDS = b"This address is not served here."


class OurHostsOnly:
    """The application, for these hosts: a stranger's request costs no traceback and no line of its own."""

    def __init__(self, application: WSGIApplication, hosts: Sequence[str]) -> None:
        self._application, self._hosts = application, hosts

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The answer; 400 where the host is not ours."""
        asked = str(environ.get("HTTP_HOST", ""))
        name, _ = split_domain_port(asked)
        if name and validate_host(name, self._hosts):
            return self._application(environ, start_response)
        log.warning("a request for another host was refused: %r", asked)
        length = ("Content-Length", str(len(_WORDS)))
        start_response("400 Bad Request", [("Content-Type", "text/plain"), length])
        return [_WORDS]
