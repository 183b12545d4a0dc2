"""How much memory a worker's process may take: one that outgrows it ends, and is started again.

A job that wants far more at once gets an error of its own, and the process goes on.
"""

from __future__ import annotations

import asyncio
import resource
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)

_LOOK_EVERY = 5.0
_AT_ONCE = 2
"""Times the limit that can be had at all."""
_MEGABYTE = 1024 * 1024
_RESIDENT = Path("/proc/self/statm")


def resident() -> int:
    """Megabytes that this process takes; 0 where the system does not tell."""
    with suppress(OSError, ValueError, IndexError):
        return int(_RESIDENT.read_text().split()[1]) * resource.getpagesize() // _MEGABYTE
    return 0


def has_outgrown(limit: int) -> bool:
    """Whether this process takes more megabytes than it may; 0 is no limit."""
    return bool(limit) and resident() > limit


def refuse_more_than(limit: int) -> None:
    """Have the system refuse this process more than twice its limit (in megabytes), from now on: a job
    that asks for it meets a MemoryError. Only Linux counts what is really written to."""
    if limit and sys.platform == "linux":
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (limit * _AT_ONCE * _MEGABYTE, hard))


async def end_when_outgrown(limit: int, stop: Callable[[], None]) -> None:
    """Look now and then; ``stop`` is called once when this process has outgrown its limit: it takes no
    more jobs, and ends after those that run."""
    while not has_outgrown(limit):
        await asyncio.sleep(_LOOK_EVERY)
    log.warning("this process has outgrown its memory, and is started again", megabytes=resident())
    stop()
