"""Serving this installation's pages until the process is told to end."""

from __future__ import annotations

import logging
import resource
import signal
from ipaddress import ip_network
from typing import TYPE_CHECKING

from django.conf import settings

from crossdock.ops.web.server import MOST_CONNECTIONS, Server
from crossdock.ops.web.shares import Shares

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_FILES_OF_ONE = 3
"""A connection, a body that came, an answer that goes."""
_OTHER_FILES = 200
_OWN_MACHINE = (ip_network("127.0.0.1"), ip_network("::1"))
"""Connections from here are a proxy's, and those of many people, as a trusted proxy's are."""


def serve(application: WSGIApplication, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT; what runs then has a moment to end. Raises OSError where nobody may
    listen."""
    for name in ("waitress", "waitress.queue"):
        logging.getLogger(name).setLevel(logging.ERROR)
    server = Server(
        application,
        host=host,
        port=port,
        shares=Shares(),
        proxies=[*_OWN_MACHINE, *settings.TRUSTED_PROXIES],
        most=min(MOST_CONNECTIONS, (_open_files() - _OTHER_FILES) // _FILES_OF_ONE),
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: server.stop())
    server.run()


def _open_files() -> int:
    """How many files this process may have open, after asking for as many as it needs."""
    wanted = MOST_CONNECTIONS * _FILES_OF_ONE + _OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return wanted
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    return allowed
