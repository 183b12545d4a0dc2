"""What ``crossdock check`` says of one thing: a sentence, and whether all is well with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import structlog

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    good: bool
    text: str


def looked(name: str, look: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """What a look finds; one that stumbles says so, and those after it are still taken."""
    try:
        yield from look()
    except Exception as problem:
        log.debug("a look stumbled", look=name, exc_info=True)
        said = " ".join(str(problem).split()) or type(problem).__name__
        yield Finding(False, f"{name}: could not be looked at ({said[:300]})")
