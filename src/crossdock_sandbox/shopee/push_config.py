"""Push messages as the app has set them up: the address, the codes that it wants, what was lost."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import Any

import httpx

from crossdock_sandbox.delivery import Sent
from crossdock_sandbox.purchase_book import PurchaseBook
from crossdock_sandbox.shopee.failures import wrong
from crossdock_sandbox.shopee.gateway import PARTNER, Call

CODES = (1, 2, 3, 4, 15, 29, 30)
"""Everything that is sent here."""
_ROOM = "shopee-push"
_SECONDS = 3.0
_LOST_DAYS = 3 * 86400
_AT_ONCE = 100


def callback_url(book: PurchaseBook) -> str:
    """Where messages go; "" for nowhere."""
    return book.stand.registered.get("shopee", {}).get("webhook_url", "")


def wants(book: PurchaseBook, code: int, shop_id: int = 0) -> bool:
    """Whether the app wants messages of a code about a shop. At start it wants all."""
    kept = _kept(book)
    return code not in kept["off"] and shop_id not in kept["blocked"]


def _kept(book: PurchaseBook) -> dict[str, list[int]]:
    kept: dict[str, list[int]] = book.stand.shelf.get(_ROOM, "config", {"off": [], "blocked": []})
    return kept


async def set_config(call: Call) -> dict[str, str]:
    """/api/v2/push/set_app_push_config: the address must answer a test within 3 seconds"""
    given = call.given
    url = given.text("callback_url", "")
    on, off = given.numbers("set_push_config_on"), given.numbers("set_push_config_off")
    if set(on) & set(off):
        raise wrong("set_push_config_on and set_push_config_off hold the same code")
    blocked = given.numbers("blocked_shop_id_list")
    if len(blocked) > 500:
        raise wrong("blocked_shop_id_list should hold at most 500")
    if url:
        await _try(url)
        call.book.stand.register("shopee", {"webhook_url": url})
    kept = _kept(call.book)
    kept["off"] = sorted((set(kept["off"]) | set(off)) - set(on))
    if "blocked_shop_id_list" in given.values:
        kept["blocked"] = blocked
    call.book.stand.shelf.put(_ROOM, "config", kept)
    return {"result": "success"}


async def _try(url: str) -> None:
    """Send a test message. Raises Failure unless it is answered well, and in time."""
    if not url.startswith(("http://", "https://")):
        raise wrong("callback_url should be an http or https address")
    body = json.dumps({"data": {}, "code": 0, "timestamp": int(time.time())}).encode()
    headers = {"Authorization": signature(url, body), "Content-Type": "application/json"}
    try:
        async with httpx.AsyncClient(timeout=_SECONDS, trust_env=False) as client:
            answer = await client.post(url, content=body, headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL):
        raise wrong("callback_url does not answer") from None
    if not answer.is_success:
        raise wrong(f"callback_url answers {answer.status_code}")


def signature(url: str, body: bytes) -> str:
    """64 lower-case hex: HMAC-SHA256 over the registered address, a bar and the raw body."""
    message = url.encode() + b"|" + body
    return hmac.new(PARTNER.secret.encode(), message, hashlib.sha256).hexdigest()


def get_config(call: Call) -> dict[str, Any]:
    """/api/v2/push/get_app_push_config"""
    kept = _kept(call.book)
    return {
        "callback_url": callback_url(call.book),
        "live_push_status": "Normal",
        "suspended_time": 0,
        "blocked_shop_id": kept["blocked"],
        "push_config_on_list": [code for code in CODES if code not in kept["off"]],
        "push_config_off_list": kept["off"],
    }


def lost(call: Call) -> dict[str, Any]:
    """/api/v2/push/get_lost_push_message: the earliest of the last three days"""
    done = call.book.stand.shelf.get(_ROOM, "consumed", 0)
    oldest = time.time() - _LOST_DAYS
    waiting = [one for one in call.book.lost_messages() if one.id > done and one.sent_at[0] > oldest]  # fmt: skip
    shown = waiting[:_AT_ONCE]
    return {
        "push_message_list": [_lost(one) for one in shown],
        "has_next_page": len(waiting) > len(shown),
        "last_message_id": shown[-1].id if shown else 0,
    }


def _lost(message: Sent) -> dict[str, Any]:
    """The whole message as a text of JSON."""
    push = json.loads(message.body)
    return {
        "shop_id": push.get("shop_id", 0),
        "code": push["code"],
        "timestamp": push["timestamp"],
        "data": message.body,
    }


def consumed(call: Call) -> None:
    """/api/v2/push/confirm_consumed_lost_push_message: everything up to this one"""
    last = call.given.integer("last_message_id")
    done = call.book.stand.shelf.get(_ROOM, "consumed", 0)
    call.book.stand.shelf.put(_ROOM, "consumed", max(last, done))
