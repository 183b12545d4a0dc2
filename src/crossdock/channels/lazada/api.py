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

import httpx

from crossdock.channels import wire
from crossdock.channels.contract import App, Shop
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
    Unreadable,
)
from crossdock.channels.lazada.countries import COUNTRIES
from crossdock.channels.lazada.permissions import permission_of
from crossdock.channels.permissions import permitted
from crossdock.channels.reading import pause_of

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

_WRITES = frozenset(_METHODS) - {"/auth/token/create"} | {
    "/order/reverse/cancel/create",
    "/order/reverse/cancel/seller/decide",
    "/order/reverse/return/update",
    "/order/reverse/onlyrefund/seller/decide",
}
"""Calls that may change something, whatever their method. A refresh may end the old refresh token, so
that a lost answer is unclear too."""

_TOKEN_OVER = frozenset({"IllegalAccessToken", "InvalidAccessToken", "AccessTokenExpired"})
_TOKEN_DEAD = frozenset({"IllegalRefreshToken", "InvalidCode"})
_NOT_PERMITTED = frozenset({"InsufficientPermission", "Mp3SellerApiLimit"})
"""Of this one API: the app has not applied for its group; it is closed for sellers in Ease Mode."""
_BANNED_SECONDS = {"SellerCallLimit": 2.0, "AppCallLimit": 60.0, "901": 1.0, "998": 600.0}
_UNSURE = frozenset({"ServiceTimeout", "500", "501", "1002", "6"})
"""Generic failures behind the gateway: a write may have been done."""
_UNKNOWN_ORDER = frozenset({"16", "37", "39", "112", "122"})
"""112: no such reverse order; 122: no such order, where it is to be cancelled."""


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
    with permitted(shop, permission_of(path)):
        return _call(
            shop.app, base, path, {**(parameters or {}), "access_token": shop.access_token}
        )


def upload(
    shop: Shop, path: str, name: str, *, file_name: str, media_type: str, body: bytes
) -> Any:
    """Send one file under this parameter name, and return the whole answer.

    A file is not part of the signature. Sending it twice does no harm, so that a lost answer is
    NotSent. Waits for a turn first.
    """
    url = _base(shop.app, shop.region).rstrip("/") + path
    shop.await_turn()
    request = httpx.Request(
        "POST",
        url,
        data=_signed(shop.app, path, {"access_token": shop.access_token}),
        files={name: (file_name, body, media_type)},
    )
    answer = wire.send(
        "POST",
        url,
        headers={"Content-Type": request.headers["content-type"]},
        content=request.read(),
        writes=False,
        trusted_hosts=shop.app.trusted_hosts,
    )
    with permitted(shop, permission_of(path)):
        return _opened(answer, writes=False)


def call_auth(app: App, path: str, parameters: Mapping[str, str]) -> Any:
    """Call the auth host: the same signature, without an access token."""
    return _call(app, app.base_urls.get("auth") or AUTH_HOST, path, parameters)


def _base(app: App, region: str) -> str:
    if region not in COUNTRIES:
        raise Refused(f"Lazada has no region {region!r}; known: {', '.join(COUNTRIES)}.")
    return app.base_urls.get(region) or app.base_urls.get("*") or COUNTRIES[region].host


def download(app: App, url: str) -> bytes:
    """Fetch a document that Lazada points to: without any token. Raises ``channels.errors``."""
    answer = wire.send("GET", url, writes=False, trusted_hosts=app.trusted_hosts)
    if answer.status != 200:
        raise NotSent(f"Lazada's document address answered HTTP {answer.status}.")
    return answer.body


def dumps(value: Any) -> str:
    """JSON text as it is signed and sent."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _signed(app: App, path: str, parameters: Mapping[str, str]) -> dict[str, str]:
    """All that is sent: empty parameters are left out, since sources disagree on signing them."""
    sent = {name: value for name, value in parameters.items() if value != ""}
    sent |= {"app_key": app.key, "timestamp": str(int(time.time() * 1000)), "sign_method": "sha256"}
    return {**sent, "sign": sign(path, sent, app.secret)}


def _call(app: App, base: str, path: str, parameters: Mapping[str, str]) -> Any:
    sent = _signed(app, path, parameters)
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
            "Lazada asks for a pause (HTTP 429).", code="429", wait=pause_of(answer.headers, 2.0)
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
    if code in _NOT_PERMITTED:
        return NotPermitted(words, code=code)
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
