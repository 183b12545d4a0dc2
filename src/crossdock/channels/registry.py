"""Finds the channels: every folder beside this file whose ``channel.py`` has a ``CHANNEL``."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from crossdock import channels as room
from crossdock.channels.contract import Channel


@cache
def channels() -> tuple[Channel, ...]:
    """Every channel that can be linked, by name."""
    found = []
    for folder in sorted(pkgutil.iter_modules(room.__path__), key=lambda module: module.name):
        if not folder.ispkg:
            continue
        package = importlib.import_module(f"{room.__name__}.{folder.name}")
        if any(module.name == "channel" for module in pkgutil.iter_modules(package.__path__)):
            found.append(importlib.import_module(f"{package.__name__}.channel").CHANNEL)
    return tuple(found)


def channel(name: str) -> Channel:
    """The channel of this name. Raises LookupError with the known names."""
    for known in channels():
        if known.name == name:
            return known
    names = ", ".join(known.name for known in channels())
    raise LookupError(f"There is no channel called {name!r}; known: {names}.")
