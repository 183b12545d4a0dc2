"""What happens a little later, whether anybody asks or not: messages must not wait for a reader."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

_GRACE = 0.02
"""Seconds after the moment, so that it is surely over."""


def at(moment: float, deed: Callable[[], object]) -> None:
    """Do something at a moment (Unix seconds)."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return  # made before the servers run: it is done when somebody reads
    loop.call_later(max(moment - time.time(), 0) + _GRACE, deed)
