"""Requests for hosts that are not ours: refused before Django sees them, and told once a minute."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import structlog
from django.http.request import split_domain_port, validate_host

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = structlog.get_logger(__name__)

TELL_EVERY = 60.0
_WORDS = b"This address is not served here."


class OurHostsOnly:
    """The application, for these hosts: a stranger's request costs no traceback and no line of its own."""

    def __init__(self, application: WSGIApplication, hosts: Sequence[str]) -> None:
        self._application, self._hosts = application, hosts
        self._lock = threading.Lock()
        self._refused = 0
        self._tell_at = 0.0

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The answer; 400 where the host is not ours."""
        asked = str(environ.get("HTTP_HOST", ""))
        name, _ = split_domain_port(asked)
        if name and validate_host(name, self._hosts):
            return self._application(environ, start_response)
        self._note(asked)
        length = ("Content-Length", str(len(_WORDS)))
        start_response("400 Bad Request", [("Content-Type", "text/plain"), length])
        return [_WORDS]

    def _note(self, asked: str) -> None:
        with self._lock:
            self._refused += 1
            now = time.monotonic()
            if now < self._tell_at:
                return
            refused, self._refused, self._tell_at = self._refused, 0, now + TELL_EVERY
        log.warning("requests for other hosts were refused", count=refused, newest=asked[:100])
