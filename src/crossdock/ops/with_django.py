"""Django for a command that runs beside the others."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any, TypeVar, cast

Command = TypeVar("Command", bound=Callable[..., Any])


def with_django(command: Command) -> Command:
    """Set Django up before the command runs."""

    @wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        import django

        from crossdock.ops.private import write_for_us_alone

        write_for_us_alone()
        _follow_what_runs()
        django.setup()
        return command(*args, **kwargs)

    return cast(Command, wrapped)


def _follow_what_runs() -> None:
    """Beside a running `up --port`, speak of that port, in links above all."""
    from crossdock.configuration import data_folder
    from crossdock.ops.holding import holder

    with suppress(OSError):
        if running := holder(data_folder()):
            os.environ.setdefault("CROSSDOCK_PORT", str(running.port))
