"""A name for every request, in each line that is logged for it, and in its answer."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from structlog.contextvars import bound_contextvars

from crossdock.companies.client_address import Network, is_trusted

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_FITS = re.compile(r"[A-Za-z0-9-]{8,64}")


class WithRequestId:
    """The application, with a name for each request: the one that a trusted proxy gave it, or one of ours."""

    def __init__(self, application: WSGIApplication, proxies: Sequence[Network]) -> None:
        self._application, self._proxies = application, proxies

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The answer, with the name."""
        name = self._name_of(environ)

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            return start_response(status, [*headers, ("X-Request-ID", name)], *more)

        with bound_contextvars(request=name):
            return self._application(environ, start)

    def _name_of(self, environ: WSGIEnvironment) -> str:
        given = str(environ.get("HTTP_X_REQUEST_ID", ""))
        believed = is_trusted(str(environ.get("REMOTE_ADDR", "")), self._proxies)
        return given if believed and _FITS.fullmatch(given) else secrets.token_hex(8)
