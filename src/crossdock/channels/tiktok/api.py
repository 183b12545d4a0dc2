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
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from crossdock.channels import wire
from crossdock.channels.answers import Evidence
from crossdock.channels.contract import App, Shop
from crossdock.channels.errors import NotSent, Throttled, Unclear, Unreadable
from crossdock.channels.permissions import permitted
from crossdock.channels.reading import as_json, pause_of
from crossdock.channels.tiktok.permissions import permission_of
from crossdock.channels.tiktok.refusals import error_of

HOST = "https://open-api.tiktokglobalshop.com"
AUTH_HOST = "https://auth.tiktok-shops.com"

_WITHOUT_CIPHER = ("/authorization/", "/seller/")
_JSON = "application/json"


def sign(path: str, query: Mapping[str, str], body: bytes, secret: str) -> str:
    """TikTok Shop's signature: HMAC-SHA256 over the secret, the path, the sorted query, the exact
    body and the secret again, in lower-case hex. A multipart body is not part of it."""
    key = secret.strip().encode()
    pairs = "".join(
        f"{name}{query[name]}" for name in sorted(query) if name not in ("sign", "access_token")
    )
    message = key + f"{path}{pairs}".encode() + body + key
    return hmac.new(key, message, hashlib.sha256).hexdigest()


def get(shop: Shop, path: str, query: Mapping[str, str] | None = None) -> Mapping[str, Any]:
    """Ask for something; the answer's ``data``. Raises ``channels.errors``."""
    return _for_shop(shop, "GET", path, query or {})


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
    return _for_shop(shop, "POST", path, query or {}, content=as_json(body), writes=writes)


def upload(shop: Shop, path: str, file: Evidence) -> Mapping[str, Any]:
    """Send a picture as a form, which is not signed and names no shop; the answer's ``data``.
    Sending it twice does no harm, so that a lost answer is NotSent."""
    boundary = secrets.token_hex(16)
    ending = "png" if file.media_type == "image/png" else "jpg"
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="data"; filename="picture.{ending}"\r\n'
        f"Content-Type: {file.media_type}\r\n\r\n"
    )
    content = head.encode() + file.body + f"\r\n--{boundary}--\r\n".encode()
    media = f"multipart/form-data; boundary={boundary}"
    return _for_shop(shop, "POST", path, {}, content=content, media=media)


def download(app: App, url: str) -> bytes:
    """Fetch a document that TikTok Shop points to: without any token. Raises ``channels.errors``."""
    answer = wire.send("GET", url, writes=False, trusted_hosts=app.trusted_hosts)
    if answer.status != 200:
        raise NotSent(f"TikTok Shop's document address answered HTTP {answer.status}.")
    return answer.body


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
    hidden = [
        values[name] for name in ("app_secret", "auth_code", "refresh_token") if name in values
    ]
    return _opened(answer, writes=writes, hidden=hidden)


def _for_shop(
    shop: Shop,
    method: str,
    path: str,
    query: Mapping[str, str],
    *,
    content: bytes = b"",
    media: str = _JSON,
    writes: bool = False,
) -> Mapping[str, Any]:
    """The one place that calls for a shop: waits for a turn, signs, sends, opens the answer."""
    shop.await_turn()
    is_form = media != _JSON
    sent = {**query, "app_key": shop.app.key, "timestamp": str(int(time.time()))}
    if not path.startswith(_WITHOUT_CIPHER) and not is_form:
        sent["shop_cipher"] = shop.key
    sent["sign"] = sign(path, sent, b"" if is_form else content, shop.app.secret)
    base = shop.app.base_urls.get(shop.region) or shop.app.base_urls.get("*") or HOST
    answer = wire.send(
        method,
        f"{base.rstrip('/')}{path}?{urlencode(sent)}",
        headers={"x-tts-access-token": shop.access_token, "Content-Type": media},
        content=content,
        writes=writes,
        trusted_hosts=shop.app.trusted_hosts,
    )
    hidden = (shop.access_token, shop.key, shop.app.secret.strip())
    with permitted(shop, permission_of(method, path)):
        return _opened(answer, writes=writes, hidden=hidden)


def _opened(answer: wire.Answer, *, writes: bool, hidden: Iterable[str]) -> Mapping[str, Any]:
    """The envelope's ``data``. Raises what its code stands for, at any HTTP status.

    ``hidden``: what must not come back to anybody in the words of an error.
    """
    told = _envelope(answer, writes=writes)
    code = str(told["code"])
    if code != "0":
        message = str(told.get("message") or "")
        for secret in filter(None, hidden):
            message = message.replace(secret, "…")
        raise error_of(
            code, message, writes=writes, pause=pause_of(answer.headers, 1.0), status=answer.status
        )
    if answer.status >= 400:
        raise (Unclear if writes else NotSent)(
            f"TikTok Shop's gateway failed (HTTP {answer.status}).", code=str(answer.status)
        )
    data = told.get("data")
    if isinstance(data, Mapping):
        return data
    if writes:
        return {}
    raise Unreadable("TikTok Shop answered without any data.")


def _envelope(answer: wire.Answer, *, writes: bool) -> Mapping[str, Any]:
    try:
        told = json.loads(answer.body, parse_float=Decimal)
    except ValueError:
        if answer.status == 429:
            words = "TikTok Shop asks for a pause (HTTP 429)."
            raise Throttled(words, code="429", wait=pause_of(answer.headers, 1.0)) from None
        raise (Unclear if writes else NotSent)(
            f"TikTok Shop answered something that is not JSON (HTTP {answer.status})."
        ) from None
    if not isinstance(told, dict) or "code" not in told:
        raise (Unclear if writes else Unreadable)("TikTok Shop answered without a code.")
    return told
