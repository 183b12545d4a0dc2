"""Signs and makes calls to the TikTok Shop Open API, and reads its envelope.

The source of every rule here is ``docs/reference/tiktok-shop.md``. The app's secret travels in the
address of the token calls: no address is ever part of an error's words.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from crossdock.channels import wire
from crossdock.channels.answers import Evidence
from crossdock.channels.contract import App, Shop
from crossdock.channels.errors import NotSent, Throttled, Unclear, Unreadable
from crossdock.channels.tiktok.refusals import error_of

HOST = "https://open-api.tiktokglobalshop.com"
AUTH_HOST = "https://auth.tiktok-shops.com"
VERSIONS: Mapping[str, str] = {
    "authorization": "202309",
    "order": "202309",
    "fulfillment": "202309",
    "logistics": "202309",
    "return_refund": "202309",
    "finance": "202501",
    "product": "202502",
    "upload": "202309",
}
"""Every family of calls has its own list of versions; older ones stay alive."""

_WITHOUT_CIPHER = ("/authorization/", "/seller/")


def sign(path: str, query: Mapping[str, str], body: bytes, secret: str) -> str:
    """TikTok Shop's signature: HMAC-SHA256 over the secret, the path, the sorted query, the exact
    body and the secret again, in lower-case hex. A multipart body is not part of it."""
    key = secret.strip()
    pairs = "".join(
        f"{name}{query[name]}" for name in sorted(query) if name not in ("sign", "access_token")
    )
    message = key.encode() + f"{path}{pairs}".encode() + body + key.encode()
    return hmac.new(key.encode(), message, hashlib.sha256).hexdigest()


def get(shop: Shop, path: str, query: Mapping[str, str] | None = None) -> Mapping[str, Any]:
    """Ask for something; the answer's ``data``. Raises ``channels.errors``."""
    return _opened(_for_shop(shop, "GET", path, query or {}), writes=False, shop=shop)


def post(
    shop: Shop,
    path: str,
    body: Mapping[str, Any],
    query: Mapping[str, str] | None = None,
    *,
    writes: bool,
) -> Mapping[str, Any]:
    """Post a JSON object; the answer's ``data``. ``writes``: it changes something, so that a lost
    answer is Unclear."""
    content = dumps(body)
    answer = _for_shop(shop, "POST", path, query or {}, content=content, writes=writes)
    return _opened(answer, writes=writes, shop=shop)


def upload(shop: Shop, path: str, file: Evidence) -> Mapping[str, Any]:
    """Send a picture as a form, which is not signed and names no shop; the answer's ``data``."""
    boundary = secrets.token_hex(16)
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="data"; filename="picture"\r\n'
        f"Content-Type: {file.media_type}\r\n\r\n"
    )
    content = head.encode() + file.body + f"\r\n--{boundary}--\r\n".encode()
    answer = _for_shop(
        shop, "POST", path, {}, content=content, media=f"multipart/form-data; boundary={boundary}"
    )
    return _opened(answer, writes=False, shop=shop)


def call_auth(app: App, path: str, query: Mapping[str, str], *, writes: bool) -> Mapping[str, Any]:
    """Call the token host, which wants the secret instead of a signature; the answer's ``data``."""
    base = app.base_urls.get("auth") or AUTH_HOST
    values = {"app_key": app.key, "app_secret": app.secret.strip(), **query}
    answer = wire.send(
        "GET",
        f"{base.rstrip('/')}{path}?{urlencode(values)}",
        writes=writes,
        trusted_hosts=app.trusted_hosts,
    )
    return _opened(answer, writes=writes, shop=None)


def path_of(family: str, rest: str) -> str:
    """``/order/202309/orders/search`` for ``order`` and ``orders/search``."""
    return f"/{family}/{VERSIONS[family]}/{rest}"


def dumps(value: Any) -> bytes:
    """JSON as it is signed, sent and kept."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_plain).encode()


def _for_shop(
    shop: Shop,
    method: str,
    path: str,
    query: Mapping[str, str],
    *,
    content: bytes = b"",
    media: str = "application/json",
    writes: bool = False,
) -> wire.Answer:
    """The one place that calls for a shop: waits for a turn, signs, sends."""
    shop.await_turn()
    is_form = media != "application/json"
    sent = {**query, "app_key": shop.app.key, "timestamp": str(int(time.time()))}
    if not path.startswith(_WITHOUT_CIPHER) and not is_form:
        sent["shop_cipher"] = shop.key
    sent["sign"] = sign(path, sent, b"" if is_form else content, shop.app.secret)
    base = shop.app.base_urls.get(shop.region) or shop.app.base_urls.get("*") or HOST
    return wire.send(
        method,
        f"{base.rstrip('/')}{path}?{urlencode(sent)}",
        headers={"x-tts-access-token": shop.access_token, "Content-Type": media},
        content=content,
        writes=writes,
        trusted_hosts=shop.app.trusted_hosts,
    )


def _opened(answer: wire.Answer, *, writes: bool, shop: Shop | None) -> Mapping[str, Any]:
    """The envelope's ``data``. Raises what its code stands for, at any HTTP status."""
    unsure = Unclear if writes else NotSent
    try:
        told = json.loads(answer.body, parse_float=Decimal)
    except ValueError:
        if answer.status == 429:
            raise Throttled(
                "TikTok Shop asks for a pause (HTTP 429).", code="429", wait=_pause(answer)
            ) from None
        raise unsure(
            f"TikTok Shop answered something that is not JSON (HTTP {answer.status})."
        ) from None
    if not isinstance(told, dict) or "code" not in told:
        raise (Unclear if writes else Unreadable)("TikTok Shop answered without a code.")
    code = str(told["code"])
    if code != "0":
        message = str(told.get("message") or "")
        if shop is not None:
            message = message.replace(shop.access_token, "…")
        raise error_of(code, message, writes=writes, pause=_pause(answer))
    if answer.status >= 400:
        raise unsure(f"TikTok Shop's gateway failed (HTTP {answer.status}).", code=code)
    data = told.get("data")
    return data if isinstance(data, Mapping) else {}


def _pause(answer: wire.Answer) -> float:
    text = answer.headers.get("retry-after", "")
    return float(text) if text.isdigit() else 1.0


def _plain(value: Any) -> Any:
    """Decimals as the numbers they were."""
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} is not JSON")
