"""What TikTok Shop's codes stand for: the one table of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from crossdock.channels.contract import Told
from crossdock.channels.errors import (
    ChannelError,
    NotFound,
    NotSent,
    Refused,
    Throttled,
    TokenDead,
    TokenExpired,
    Unclear,
)

_TOKEN_OVER = frozenset({"105001", "105002", "105003", "105004"})
_TOKEN_DEAD = frozenset({"36004001", "36004005", "105005"})
"""105005 is a scope that the seller has not granted: a refresh adds none."""
_UNSURE = frozenset({"36009003", "36009007"})
"""Generic failures behind the gateway: a write may have been done."""
_LATER = frozenset(
    {
        "11001027",
        "11001031",
        "21001003",
        "21001008",
        "21001011",
        "21042001",
        "25001028",
    }
)
"""Refused for now; the same call may be made again."""
_UNKNOWN = frozenset({"25007006"})
ALREADY_SHIPPED = frozenset(
    {"21011006", "21011020", "21011040", "21008099", "11006021", "21042056", "21011027"}
)
ALREADY_ANSWERED = frozenset({"25001010", "25001011", "25020009", "25020010", "25020011"})
_HOURLY = "36009037"
_OVERLOADED = "36009004"
"""One code for many things: its message tells which."""

T = TypeVar("T")


def error_of(code: str, message: str, *, writes: bool, pause: float) -> ChannelError:
    """The error that an answer's code stands for."""
    words = f"{message or 'no message'} ({code})"
    if code in _TOKEN_OVER or (code == _OVERLOADED and "access-token" in message.lower()):
        return TokenExpired(words, code=code)
    if code in _TOKEN_DEAD:
        return TokenDead(words, code=code)
    if code == "36009002":
        return Throttled(words, code=code, wait=pause)
    if code == _HOURLY:
        return Throttled(words, code=code, wait=max(pause, 600.0))
    if code in _UNSURE or (code in _LATER and not writes):
        return Unclear(words, code=code) if writes else NotSent(words, code=code)
    if code in _UNKNOWN:
        return NotFound(words, code=code)
    return Refused(words, code=code)


def refusal_of(ask: Callable[[], T]) -> T | Refused:
    """What a call gives, or TikTok Shop's no. What is no answer (a dead token, a pause) is raised."""
    try:
        return ask()
    except Refused as refusal:
        if type(refusal) not in (Refused, NotFound):
            raise
        return refusal


def told_no(order_id: str, refusal: Refused, *, already: frozenset[str] = ALREADY_SHIPPED) -> Told:
    """A refusal as the outcome of one order."""
    return Told(
        order_id,
        ok=False,
        already=refusal.code in already,
        words=refusal.words,
        code=refusal.code,
        again=refusal.code in _LATER,
    )
