"""Signs and makes calls to the Shopee Open Platform v2, and reads its envelope.

The source of every rule here is ``docs/reference/shopee.md``.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from crossdock.channels import wire
from crossdock.channels.answers import Evidence
from crossdock.channels.contract import App, Shop
from crossdock.channels.errors import NotSent, Refused, Throttled, Unclear, Unreadable
from crossdock.channels.permissions import permitted
from crossdock.channels.reading import as_json, pause_of
from crossdock.channels.shopee.permissions import permission_of
from crossdock.channels.shopee.refusals import bare, code_of, error_of
from crossdock.rules.from_outside import whole

HOST = "https://partner.shopeemobile.com"
HOSTS: Mapping[str, str] = {
    "BR": "https://openplatform.shopee.com.br",
    "CN": "https://openplatform.shopee.cn",
}
"""Where it is not ``HOST``. Shopee's hosts differ by where the caller's server stands rather than by
the shop's country, and whether a token of one is taken by another is not known: an operator far
from Singapore names a host of their own in the app's base URLs."""

_ALL_FAILED = "batch_api_all_failed"
Values = Mapping[str, str] | Sequence[tuple[str, str]]


def sign(key: str, *parts: str) -> str:
    """Shopee's signature: HMAC-SHA256 over the parts one after the other, in lower-case hex."""
    return hmac.new(key.strip().encode(), "".join(parts).encode(), hashlib.sha256).hexdigest()


def get(shop: Shop, name: str, values: Values = ()) -> dict[str, Any]:
    """Ask for something; the whole answer, numbers as int or Decimal. Raises ``channels.errors``."""
    return _told(shop, name, _for_shop(shop, "GET", name, values), writes=False)


def post(shop: Shop, name: str, body: Mapping[str, Any], *, writes: bool) -> dict[str, Any]:
    """Post a JSON object; the whole answer. ``writes``: it changes something, so that a lost answer
    is Unclear. A batch of which every part was refused is an answer too: its parts say why."""
    answer = _for_shop(shop, "POST", name, content=as_json(body), writes=writes)
    return _told(shop, name, answer, writes=writes)


def upload(shop: Shop, name: str, values: Mapping[str, str], file: Evidence) -> dict[str, Any]:
    """Send a file as Shopee's forms want it; the whole answer."""
    boundary = secrets.token_hex(16)
    content = _form(values, file, boundary)
    answer = _for_shop(
        shop, "POST", name, content=content, media=f"multipart/form-data; boundary={boundary}"
    )
    return _told(shop, name, answer, writes=False)


def download(shop: Shop, name: str, body: Mapping[str, Any]) -> bytes:
    """A file. Raises what Shopee says instead: then the answer is JSON."""
    answer = _for_shop(shop, "POST", name, content=as_json(body))
    is_json = "json" in answer.headers.get("content-type", "") or answer.body[:1] == b"{"
    with permitted(shop, permission_of(name)):
        if is_json or answer.status != 200:
            told = _opened(answer, writes=False, secret=shop.access_token)
            raise Unreadable(
                f"Shopee sent no file but {code_of(told.get('error')) or 'an answer'}."
            )
    return answer.body


def call_public(
    app: App, region: str, name: str, body: Mapping[str, Any], *, writes: bool
) -> dict[str, Any]:
    """Call for the app itself, without a shop; the whole answer. Raises ``channels.errors``."""
    path, base = f"/api/v2/{name}", app.base_urls.get("auth") or base_of(app, region)
    answer = wire.send(
        "POST",
        base.rstrip("/") + path + "?" + urlencode(signed(app, path)),
        headers={"Content-Type": "application/json"},
        content=as_json({**body, "partner_id": partner_id(app)}),
        writes=writes,
        trusted_hosts=app.trusted_hosts,
    )
    return _opened(answer, writes=writes, secret="")


def signed(app: App, path: str, *more: str) -> dict[str, str]:
    """The common parameters of a call: the signature is over them, the path and ``more``."""
    number, now = str(partner_id(app)), str(int(time.time()))
    return {
        "partner_id": number,
        "timestamp": now,
        "sign": sign(app.secret, number, path, now, *more),
    }


def partner_id(app: App) -> int:
    """Our partner id. Raises Refused: what is no number was typed wrong."""
    number = whole(app.key.strip())
    if number is None:
        raise Refused("Shopee's app key is the partner id, a number: see CROSSDOCK_SHOPEE_APP_KEY.")
    return number


def base_of(app: App, region: str) -> str:
    """The API host for a region: a shop's country, or where a seller authorises."""
    return app.base_urls.get(region) or app.base_urls.get("*") or HOSTS.get(region, HOST)


def answer_of(told: Mapping[str, Any]) -> Mapping[str, Any]:
    """The ``response`` of an answer; {} where there is none."""
    response = told.get("response")
    return response if isinstance(response, Mapping) else {}


def _for_shop(
    shop: Shop,
    method: str,
    name: str,
    values: Values = (),
    *,
    content: bytes = b"",
    media: str = "application/json",
    writes: bool = False,
) -> wire.Answer:
    """The one place that calls for a shop: waits for a turn, signs, sends."""
    path = f"/api/v2/{name}"
    shop.await_turn()
    common = signed(shop.app, path, shop.access_token, shop.shop_id)
    common |= {"access_token": shop.access_token, "shop_id": shop.shop_id}
    own = list(values.items()) if isinstance(values, Mapping) else list(values)
    query = urlencode([*common.items(), *own])
    return wire.send(
        method,
        f"{base_of(shop.app, shop.region).rstrip('/')}{path}?{query}",
        headers={"Content-Type": media} if method == "POST" else {},
        content=content,
        writes=writes,
        trusted_hosts=shop.app.trusted_hosts,
    )


def _told(shop: Shop, name: str, answer: wire.Answer, *, writes: bool) -> dict[str, Any]:
    """The envelope of an answer to a shop's call."""
    with permitted(shop, permission_of(name)):
        return _opened(answer, writes=writes, secret=shop.access_token)


def _opened(answer: wire.Answer, *, writes: bool, secret: str) -> dict[str, Any]:
    """The envelope, decided by its ``error`` at any HTTP status. Raises what the error stands for."""
    unsure = Unclear if writes else NotSent
    try:
        told = json.loads(answer.body, parse_float=Decimal)
    except ValueError:
        if answer.status == 429:
            raise Throttled(
                "Shopee asks for a pause (HTTP 429).",
                code="429",
                wait=pause_of(answer.headers, 1.0),
            ) from None
        raise unsure(
            f"Shopee answered something that is not JSON (HTTP {answer.status})."
        ) from None
    if not isinstance(told, dict) or not told.keys() & {"error", "request_id"}:
        raise (Unclear if writes else Unreadable)("Shopee answered without its envelope.")
    code = code_of(told.get("error"))
    if code and not (bare(code) == _ALL_FAILED and answer_of(told).get("result_list")):
        message = str(told.get("message") or "")
        if secret:
            message = message.replace(secret, "…")
        raise error_of(code, message, writes=writes, pause=pause_of(answer.headers, 1.0))
    if answer.status >= 400 and not code:
        raise unsure(f"Shopee's gateway failed (HTTP {answer.status}).", code=str(answer.status))
    return told


def _form(values: Mapping[str, str], file: Evidence, boundary: str) -> bytes:
    """A multipart form with one file, in the field ``upload_image``."""
    name = "".join(sign for sign in file.name if sign.isalnum() or sign in "._-") or "image"
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'
        for field, value in values.items()
    ]
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="upload_image"; filename="{name}"\r\n'
        f"Content-Type: {file.media_type}\r\n\r\n"
    )
    return "".join([*parts, head]).encode() + file.body + f"\r\n--{boundary}--\r\n".encode()
