"""The web application with one more header on every answer: how many queries it took.

python -m bench.counted PORT
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import Any

from django.db import connection

from crossdock.wsgi import application as real

Start = Callable[..., Any]


def application(environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
    """The application, counting."""
    count = 0

    def counting(execute: Callable[..., Any], *arguments: Any) -> Any:
        nonlocal count
        count += 1
        return execute(*arguments)

    def told(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
        return start_response(status, [*headers, ("X-Queries", str(count))], *more)

    with connection.execute_wrapper(counting):
        return real(environ, told)


if __name__ == "__main__":
    from crossdock.ops.web.serve import serve

    serve(application, "127.0.0.1", int(sys.argv[1]))
