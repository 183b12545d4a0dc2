"""What TikTok Shop's codes stand for: the one table of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from crossdock.channels.contract import Told
from crossdock.channels.errors import (
    ChannelError,
    NotFound,
    NotPermitted,
    NotSent,
    Refused,
    Throttled,
    TokenDead,
    TokenExpired,
    Unclear,
    ends_token,
)

_TOKEN_OVER = frozenset({"105001", "105002", "105003", "105004"})
_TOKEN_DEAD = frozenset({"36004001", "36004004", "36004005", "101000"})
"""36004…: the code or the refresh token is worth nothing. 101000: token and cipher do not belong
together, and only a new link reads the cipher again."""
_NOT_PERMITTED = frozenset({"105005"})
"""A scope that the app has not, or the seller has not granted: of this kind of call alone."""
_SLOWER = "36009002"
_HOURLY = "36009037"
_HOURLY_SECONDS = 600.0
_UNSURE = frozenset({"36009003", "36009007"})
"""Failures behind the gateway: a write may have been done."""
_LATER = frozenset(
    {"11001027", "11001031", "21001003", "21001008", "21001011", "21042001", "25001028"}
)
"""Refused for now; the same call may be made again."""
_UNKNOWN = frozenset({"25007006"})
_OVERLOADED = "36009004"
"""One code for many things: its message tells which."""
_ABOUT_THE_CALL = re.compile(r"\b(sign|app_key|timestamp|shop_cipher|shop_id|version)\b", re.I)

T = TypeVar("T")


def error_of(
    code: str, message: str, *, writes: bool, pause: float = 1.0, status: int = 200
) -> ChannelError:
    """The error that an answer's code stands for; where the code is not known, its HTTP status."""
    words = f"{message or 'no message'} ({code})"
    if code in _TOKEN_OVER or (code == _OVERLOADED and "access-token" in message.lower()):
        return TokenExpired(words, code=code)
    if code in _TOKEN_DEAD:
        return TokenDead(words, code=code)
    if code in _NOT_PERMITTED:
        return NotPermitted(words, code=code)
    if code == _HOURLY:
        return Throttled(words, code=code, wait=max(pause, _HOURLY_SECONDS))
    if code == _SLOWER or status == 429:
        return Throttled(words, code=code, wait=pause)
    if code in _UNSURE or (code in _LATER and not writes):
        return (Unclear if writes else NotSent)(words, code=code)
    if code in _UNKNOWN:
        return NotFound(words, code=code)
    if status >= 500 and code not in _LATER:
        return (Unclear if writes else NotSent)(words, code=code)
    return Refused(words, code=code)


def is_about_the_call(refusal: Refused) -> bool:
    """Whether that or how we call is refused (scope, key, signature, cipher, version), and not what was
    asked for."""
    code = refusal.code
    if isinstance(refusal, NotPermitted):
        return True
    if code == _OVERLOADED:
        return bool(_ABOUT_THE_CALL.search(refusal.words))
    return code.startswith(("36009", "106"))


def may_come_again(code: str) -> bool:
    """Whether a part of a batch that was refused with this code may be sent once more."""
    return code in _LATER or code in _UNSURE or code in (_SLOWER, _HOURLY)


def refusal_of(ask: Callable[[], T]) -> T | Refused:
    """What a call gives, or TikTok Shop's no. What is no answer (a dead token, a pause) is raised."""
    try:
        return ask()
    except Refused as refusal:
        if ends_token(refusal):
            raise
        return refusal


def told_no(order_id: str, refusal: Refused) -> Told:
    """A refusal as the outcome of one order."""
    return Told(
        order_id,
        ok=False,
        words=refusal.words,
        code=refusal.code,
        again=may_come_again(refusal.code),
    )
