"""Shopee's error codes → the one tree of errors.

Codes are prefixed by their module (``order.error_param``) where the business layer speaks, and bare
where the gateway does; some carry stray blanks. Source: ``docs/reference/shopee.md``.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

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

_TOKEN_OVER = frozenset({"invalid_acceess_token", "invalid_access_token"})
_LINK_OVER = frozenset(
    {
        "shop_no_linked",
        "partner_shop_no_link",
        "merchant_no_linked",
        "shop_access_expired",
        "merchant_access_expired",
        "refresh_token_expired",
        "error_shop_refresh_token",
        "error_merchant_refresh_token",
    }
)
"""``…_refresh_token`` means wrong or used already: the pair that we hold is the only one there is,
so that only the seller can give us another."""
_NOT_PERMITTED = frozenset(
    {"error_permission", "error_api_permission", "error_api_call_restricted", "api_suspended"}
)
"""Of this one API: the app's category lacks it, the app is restricted, or the API is withdrawn. With a
module before it, ``error_permission`` is about what was asked for."""
_UNSURE = frozenset(
    {
        "error_server",
        "error_network",
        "error_inner",
        "error_system_busy",
        "error_timeout",
        "error_third_party_server",
    }
)
"""Failures behind the gateway: a write may have been done."""
_UNKNOWN = frozenset(
    {
        "error_not_found",
        "order_not_found",
        "order_not_exist",
        "package_not_exist",
        "package_number_not_found",
    }
)
_MAY_SAY_UNKNOWN = frozenset({"error_param", "error_data", "invalid_error"})
"""Codes for many things, of which the words may be "… not found" or "… not exist"."""
_NOT_THERE = re.compile(r"not found|n.t exist|not exist", re.IGNORECASE)
_SHOPEES_DAY = timezone(timedelta(hours=8))


def code_of(error: object) -> str:
    """An error code without its stray blanks; "" for what stands for success ("", "-", " ", null)."""
    code = "".join(str(error or "").split())
    return "" if code == "-" else code


def bare(code: str) -> str:
    """A code without its module: ``error_param`` of ``order.error_param``."""
    return code.rpartition(".")[2]


def error_of(code: str, message: str, *, writes: bool, pause: float = 1.0) -> ChannelError:
    """What a code means. ``pause``: seconds that the answer's header asks for."""
    words = f"{message.strip() or 'refused without a word'} ({code})"
    name = bare(code)
    if name in _TOKEN_OVER:
        return TokenExpired(words, code=code)
    if name in _LINK_OVER:
        return TokenDead(words, code=code)
    if name == "error_auth":
        return _about_authorisation(words, code)
    if code in _NOT_PERMITTED:
        return NotPermitted(words, code=code)
    if name == "error_rate_limit":
        return Throttled(words, code=code, wait=pause)
    if code == "error_limit":
        return Throttled(words, code=code, wait=_until_midnight(datetime.now(UTC)))
    if name in _UNSURE:
        return Unclear(words, code=code) if writes else NotSent(words, code=code)
    if name in _UNKNOWN or (name in _MAY_SAY_UNKNOWN and _NOT_THERE.search(message)):
        return NotFound(words, code=code)
    return Refused(words, code=code)


def is_about_ids(refusal: Refused) -> bool:
    """Whether a batch was refused for what it asks about, so that a part of it may be answered.

    The gateway's own refusals (a wrong signature, a missing permission, an address that it does not
    know) would only be repeated.
    """
    if ends_token(refusal) or isinstance(refusal, NotPermitted):
        return False
    return (
        isinstance(refusal, NotFound)
        or "." in refusal.code
        or refusal.words.startswith("Wrong parameters")
    )


def _about_authorisation(words: str, code: str) -> ChannelError:
    """``error_auth`` is used for the app, for both kinds of token, for the code of a link, and where an
    API is not permitted."""
    text = words.lower()
    if "no permission" in text:
        return NotPermitted(words, code=code)
    if "refresh_token" in text:
        return TokenDead(words, code=code)
    if "partner_id is invalid" in text or "invalid code" in text:
        return Refused(words, code=code)
    return TokenExpired(words, code=code)


def _until_midnight(now: datetime) -> float:
    """Seconds until the daily limit begins anew: 00:00 in UTC+8."""
    here = now.astimezone(_SHOPEES_DAY)
    midnight = (here + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return (midnight - here).total_seconds()
