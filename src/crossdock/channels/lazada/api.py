"""Signs and makes calls to the Lazada Open Platform, and reads its envelope.

The source of every rule here is ``docs/reference/lazada.md``.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from crossdock.channels import wire
from crossdock.channels.contract import App, Shop
from crossdock.channels.errors import (
    ChannelError,
    NotFound,
    NotSent,
    Refused,
    Throttled,
    TokenDead,
    TokenExpired,
    Unclear,
    Unreadable,
)

HOSTS: Mapping[str, str] = {
    "MY": "https://api.lazada.com.my/rest",
    "SG": "https://api.lazada.sg/rest",
    "TH": "https://api.lazada.co.th/rest",
    "VN": "https://api.lazada.vn/rest",
    "PH": "https://api.lazada.com.ph/rest",
    "ID": "https://api.lazada.co.id/rest",
}
AUTH_HOST = "https://auth.lazada.com/rest"
AUTHORIZE_PAGE = "https://auth.lazada.com/oauth/authorize"

_METHODS: Mapping[str, str] = {
    "/order/fulfill/pack": "POST",
    "/order/package/rts": "POST",
    "/order/package/repack": "POST",
    "/order/package/sof/delivered": "POST",
    "/order/package/sof/failed_delivery": "POST",
    "/order/digital/delivered": "POST",
    "/auth/token/create": "POST",
    "/auth/token/refresh": "POST",
}
"""The reference names a method per call; what is not here is GET."""

_WRITES = frozenset(_METHODS) - {"/auth/token/create"}
"""A refresh may end the old refresh token, so that a lost answer is unclear too."""

_TOKEN_OVER = frozenset({"IllegalAccessToken", "InvalidAccessToken", "AccessTokenExpired"})
_TOKEN_DEAD = frozenset({"IllegalRefreshToken", "InvalidCode", "SellerNotVerified"})
_BANNED_SECONDS = {"SellerCallLimit": 2.0, "AppCallLimit": 60.0, "901": 1.0, "998": 600.0}
_UNSURE = frozenset({"ServiceTimeout", "500", "501", "1002", "6"})
"""Generic failures behind the gateway: a write may have been done."""
_UNKNOWN_ORDER = frozenset({"16", "37", "39"})


def sign(path: str, parameters: Mapping[str, str], secret: str) -> str:
    """Lazada's signature: HMAC-SHA256 over path and sorted name+value pairs, upper-case hex."""
    text = path + "".join(name + parameters[name] for name in sorted(parameters))
    return hmac.new(secret.strip().encode(), text.encode(), hashlib.sha256).hexdigest().upper()


def call(shop: Shop, path: str, parameters: Mapping[str, str] | None = None) -> Any:
    """Call the shop's host and return the whole answer (a dict), numbers as int or Decimal.

    Waits for a turn first. Raises ``channels.errors``; Unclear only for calls that may have changed
    something.
    """
    base = _base(shop.app, shop.region)
    shop.await_turn()
    return _call(shop.app, base, path, {**(parameters or {}), "access_token": shop.access_token})


def call_auth(app: App, path: str, parameters: Mapping[str, str]) -> Any:
    """Call the auth host: the same signature, without an access token."""
    return _call(app, app.base_urls.get("auth") or AUTH_HOST, path, parameters)


def _base(app: App, region: str) -> str:
    base = app.base_urls.get(region) or app.base_urls.get("*") or HOSTS.get(region)
    if base is None:
        raise Refused(f"Lazada has no region {region!r}; known: {', '.join(HOSTS)}.")
    return base


def download(app: App, url: str) -> bytes:
    """Fetch a document that Lazada points to: without any token. Raises ``channels.errors``."""
    answer = wire.send("GET", url, writes=False, trusted_hosts=app.trusted_hosts)
    if answer.status != 200:
        raise NotSent(f"Lazada's document address answered HTTP {answer.status}.")
    return answer.body


def dumps(value: Any) -> str:
    """JSON text as it is signed and sent."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _call(app: App, base: str, path: str, parameters: Mapping[str, str]) -> Any:
    sent = {name: value for name, value in parameters.items() if value != ""}
    sent |= {"app_key": app.key, "timestamp": str(int(time.time() * 1000)), "sign_method": "sha256"}
    sent["sign"] = sign(path, sent, app.secret)
    method, writes = _METHODS.get(path, "GET"), path in _WRITES
    url, content, headers = base.rstrip("/") + path, b"", {}
    if method == "GET":
        url += "?" + urlencode(sent)
    else:
        content = urlencode(sent).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded;charset=utf-8"}
    answer = wire.send(
        method,
        url,
        headers=headers,
        content=content,
        writes=writes,
        trusted_hosts=app.trusted_hosts,
    )
    return _opened(answer, writes=writes)


def _opened(answer: wire.Answer, *, writes: bool) -> Any:
    """The envelope's content. Raises what its code stands for."""
    if answer.status == 429:
        raise Throttled(
            "Lazada asks for a pause (HTTP 429).", code="429", wait=_retry_after(answer)
        )
    unsure = Unclear if writes else NotSent
    if answer.status >= 500:
        raise unsure(f"Lazada's gateway failed (HTTP {answer.status}).", code=str(answer.status))
    try:
        body = json.loads(answer.body, parse_float=Decimal)
    except ValueError:
        raise unsure("Lazada answered something that is not JSON.") from None
    if not isinstance(body, dict) or "code" not in body:
        raise (Unclear if writes else Unreadable)("Lazada answered without a code.")
    if str(body["code"]) != "0":
        raise _error(str(body["code"]), str(body.get("message", "")), writes=writes)
    return body


def _error(code: str, message: str, *, writes: bool) -> ChannelError:
    words = f"{message or 'no message'} ({code})"
    if code in _TOKEN_OVER:
        return TokenExpired(words, code=code)
    if code in _TOKEN_DEAD:
        return TokenDead(words, code=code)
    if code == "ApiCallLimit":
        seconds = re.search(r"last (\d+) second", message)
        return Throttled(words, code=code, wait=float(seconds[1]) + 1 if seconds else 2.0)
    if code in _BANNED_SECONDS:
        return Throttled(words, code=code, wait=_BANNED_SECONDS[code])
    if code in _UNSURE:
        return Unclear(words, code=code) if writes else NotSent(words, code=code)
    if code in _UNKNOWN_ORDER:
        return NotFound(words, code=code)
    return Refused(words, code=code)


def _retry_after(answer: wire.Answer) -> float:
    text = answer.headers.get("retry-after", "")
    return float(text) if text.isdigit() else 2.0
