"""Logs: one line an event, for people or as JSON; never a secret or a buyer's data."""

from __future__ import annotations

import logging
import logging.config
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

from crossdock.ops.link_secrets import WithoutLinkSecrets
from crossdock.ops.quiet import Quiet
from crossdock.ui.away import is_away

_HIDDEN = frozenset(
    {"token", "access_token", "refresh_token", "secret", "password", "authorization", "sign"}
)


def configure(options: Mapping[str, Any]) -> None:
    """Set up logging. ``options``: ``level``, and ``json`` for machines."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_secrets,
    ]
    renderer = (
        structlog.processors.JSONRenderer()
        if options["json"]
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _in_one_line_while_away,
            structlog.processors.format_exc_info,
            renderer,
        ],
    )
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    handler.addFilter(WithoutLinkSecrets())
    handler.addFilter(Quiet())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(options["level"])
    for noisy in ("httpx", "httpcore", "pikepdf", "procrastinate"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    logging.getLogger("psycopg.pool").setLevel(
        logging.ERROR
    )  # its owner tells that it cannot connect


def _without_secrets(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name in event.keys() & _HIDDEN:
        event[name] = "…"
    return event


def _in_one_line_while_away(
    _: Any, __: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """A database that is away is no riddle: its tracebacks, one for each page and job, hide the others."""
    told = event.get("exc_info")
    problem = sys.exc_info()[1] if told is True else told[1] if isinstance(told, tuple) else told
    if problem and is_away(problem):
        event["exc_info"] = None
        event["why"] = "the database is away"
    return event
