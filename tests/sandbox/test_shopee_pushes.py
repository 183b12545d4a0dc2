"""Push messages of Shopee: what is sent, how it is signed, what counts as received, what is lost."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from crossdock_sandbox.delivery import Delivery
from crossdock_sandbox.shopee.book import open_book
from crossdock_sandbox.shopee.fields import Fields
from crossdock_sandbox.shopee.gateway import Asked, Call
from crossdock_sandbox.shopee.push_config import consumed, lost
from crossdock_sandbox.shopee.webhooks import Webhooks
from crossdock_sandbox.stand import Stand, now
from tests.sandbox.receiver import Receiver
from tests.sandbox.running import RunningSandbox
from tests.sandbox.shopee_app import ShopeeApp

NOBODY = "http://127.0.0.1:1/hook"
CONFIG = "push/set_app_push_config"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def heard(played: RunningSandbox) -> RunningSandbox:
    """An address is registered for the app, at which nobody answers."""
    played.post("/apps", channel="shopee", webhook_url=NOBODY)
    return played


def sent(played: RunningSandbox, order_sn: str) -> list[dict[str, Any]]:
    """The messages about an order, oldest first."""
    rows = played.get("/webhooks?channel=shopee")["webhooks"]
    return [json.loads(row["body"]) for row in rows if row["order_id"] == order_sn]


def of_code(played: RunningSandbox, order_sn: str, code: int) -> list[dict[str, Any]]:
    """What the messages of a code about an order say."""
    return [one["data"] for one in sent(played, order_sn) if one["code"] == code]


def eventually(ask: Any) -> Any:
    deadline = time.monotonic() + 10
    while not (told := ask()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return told


def test_a_message_is_signed_over_address_and_body(
    played: RunningSandbox, receiver: Receiver
) -> None:
    played.post("/apps", channel="shopee", webhook_url=receiver.url)
    (order_sn,) = played.orders(1, "shopee-my", status="UNPAID")
    messages = {}
    while 3 not in messages:
        signature, body = receiver.next()
        key = played.identities["shopee"]["partner_key"]
        message = receiver.url.encode() + b"|" + body
        assert signature == hmac.new(key.encode(), message, hashlib.sha256).hexdigest()
        told = json.loads(body)
        messages[told["code"]] = told
    told = messages[3]
    assert set(told) == {"data", "shop_id", "code", "timestamp"}
    assert told["shop_id"] == 300011
    assert (told["data"]["ordersn"], told["data"]["status"]) == (order_sn, "UNPAID")


def test_every_step_of_an_order_is_told(heard: RunningSandbox, shopee: ShopeeApp) -> None:
    (order_sn,) = heard.orders(1, "shopee-my", status="UNPAID")
    heard.event(order_sn, "pay", "shopee")
    shopee.ship(order_sn)
    assert shopee.order(order_sn)["order_status"] == "PROCESSED"
    for event in ("pick_up", "deliver", "complete"):
        heard.event(order_sn, event, "shopee")
    told = of_code(heard, order_sn, 3)
    assert [one["status"] for one in told] == [
        "UNPAID", "READY_TO_SHIP", "PROCESSED", "SHIPPED", "TO_CONFIRM_RECEIVE", "COMPLETED",
    ]  # fmt: skip
    assert told[-1]["completed_scenario"] == "NORMAL"
    assert set(told[0]) == {"items", "ordersn", "status", "completed_scenario", "update_time"}
    package = shopee.package(order_sn)
    (tracking,) = of_code(heard, order_sn, 4)
    assert (tracking["tracking_no"], tracking["package_number"]) == (
        package["tracking_number"],
        package["package_number"],
    )
    steps = [one["fulfillment_status"] for one in of_code(heard, order_sn, 30)]
    assert steps == [
        "LOGISTICS_NOT_START", "LOGISTICS_READY", "LOGISTICS_REQUEST_CREATED", "LOGISTICS_PICKUP_DONE",
        "LOGISTICS_DELIVERY_DONE",
    ]  # fmt: skip


def test_the_tracking_number_is_told_though_nobody_asks(
    heard: RunningSandbox, shopee: ShopeeApp
) -> None:
    (order_sn,) = heard.orders(1, "shopee-my")
    heard.post("/latency", system="shopee", async_ms=150)
    shopee.ship(order_sn)
    assert of_code(heard, order_sn, 4) == []
    assert eventually(lambda: of_code(heard, order_sn, 4))
    assert of_code(heard, order_sn, 3)[-1]["status"] == "PROCESSED"


def test_a_waybill_that_is_ready_is_told(heard: RunningSandbox, shopee: ShopeeApp) -> None:
    (order_sn,) = heard.orders(1, "shopee-my")
    shopee.ship(order_sn)
    package = shopee.package(order_sn)
    order = {"order_sn": order_sn, "tracking_number": package["tracking_number"]}
    shopee.post("logistics/create_shipping_document", {"order_list": [order]})
    assert eventually(lambda: of_code(heard, order_sn, 15)) == [
        {"order_sn": order_sn, "package_number": package["package_number"], "status": "READY"}
    ]


def test_a_return_is_told_with_what_changed(heard: RunningSandbox, shopee: ShopeeApp) -> None:
    order_sn, return_sn = shopee.returned()
    shopee.post("returns/confirm", {"return_sn": return_sn})
    first, second = of_code(heard, order_sn, 29)
    assert (first["order_sn"], first["return_sn"]) == (order_sn, return_sn)
    changes = {one["update_field"]: one for one in second["updated_values"]}
    told = changes["return_status"]
    assert (told["old_value"], told["new_value"]) == ("REQUESTED", "ACCEPTED")
    assert of_code(heard, order_sn, 3)[-1]["status"] == "COMPLETED"


def test_an_authorization_and_its_end_are_told_to_the_partner(
    heard: RunningSandbox, shopee: ShopeeApp
) -> None:
    link = "/auth?auth_type=seller&response_type=code&redirect_uri=http://localhost/&partner_id="
    for path in (link, link.replace("/auth?", "/cancel_auth?")):
        answer = shopee.client.post(
            f"{path}{shopee.partner}", data={"shop": "shopee-my", "decision": "yes"}
        )
        assert answer.status_code == 302
    told = {one["code"]: one for one in sent(heard, "")}
    assert set(told[1]) == {"data", "partner_id", "code", "timestamp"}
    assert (told[1]["data"]["shop_id"], told[1]["data"]["success"]) == (300011, 1)
    assert told[2]["data"]["authorize_type"] == "user cancel shop authorization"


def test_a_body_in_the_answer_means_not_received(
    played: RunningSandbox, receiver: Receiver
) -> None:
    receiver.answer = (200, b"thanks")
    played.post("/apps", channel="shopee", webhook_url=receiver.url)
    played.orders(1, "shopee-my", status="UNPAID")
    came: list[bytes] = []
    while len(set(came)) == len(came):
        came.append(receiver.next()[1])
    assert came[-1] in came[:-1]


def test_the_app_chooses_address_and_codes(
    played: RunningSandbox, shopee: ShopeeApp, receiver: Receiver
) -> None:
    body = {"callback_url": receiver.url, "set_push_config_off": [30, 4], "blocked_shop_id_list": [300012]}  # fmt: skip
    told = shopee.post(CONFIG, body, public=True)
    assert told == {"result": "success"}
    assert json.loads(receiver.next()[1])["code"] == 0
    config = shopee.get("push/get_app_push_config", public=True)
    assert (config["callback_url"], config["push_config_off_list"]) == (receiver.url, [4, 30])
    assert (config["live_push_status"], config["blocked_shop_id"]) == ("Normal", [300012])
    (order_sn,) = played.orders(1, "shopee-my", status="PROCESSED")
    (blocked,) = played.orders(1, "shopee-sg")
    assert [one["code"] for one in sent(played, order_sn)] == [3]
    assert sent(played, blocked) == []
    body = {"set_push_config_on": [30, 4], "blocked_shop_id_list": []}
    shopee.post(CONFIG, body, public=True)
    assert shopee.get("push/get_app_push_config", public=True)["push_config_off_list"] == []


def test_an_address_that_does_not_answer_is_refused(shopee: ShopeeApp, receiver: Receiver) -> None:
    receiver.answer = (500, b"")
    for url in (receiver.url, NOBODY, "ftp://x.test"):
        body = {"callback_url": url}
        assert shopee.error("POST", CONFIG, body, public=True) == "error_param"
    assert shopee.get("push/get_app_push_config", public=True)["callback_url"] == ""


def test_lost_messages_can_be_fetched_until_they_are_consumed() -> None:
    """In this process: the retries of a message take longer than a test may."""
    stand = Stand(9310)
    stand.register("shopee", {"webhook_url": NOBODY})
    book = open_book(stand)
    delivery = Delivery(stand.faults, retries=(0.01,))
    Webhooks(book, delivery)
    shop = book.shops[0]

    async def lose() -> None:
        book.make_orders(
            shop, [""], created=[now()], status="UNPAID", lines=1, self_delivery=False, sku=""
        )
        while len(delivery.lost("shopee")) < 2:
            await asyncio.sleep(0.02)

    asyncio.run(asyncio.wait_for(lose(), 30))
    call = Call(book, Asked("GET", "/", {}, b""), Fields({}), None)
    told = lost(call)
    assert [one["code"] for one in told["push_message_list"]] == [30, 3]
    whole = json.loads(told["push_message_list"][1]["data"])
    assert (whole["code"], whole["data"]["status"]) == (3, "UNPAID")
    assert told["has_next_page"] is False
    first = delivery.lost("shopee")[0].id
    consumed(Call(book, call.asked, Fields({"last_message_id": first}), None))
    assert [one["code"] for one in lost(call)["push_message_list"]] == [3]
    consumed(Call(book, call.asked, Fields({"last_message_id": told["last_message_id"]}), None))
    assert lost(call)["push_message_list"] == []


def test_nothing_is_lost_as_long_as_nothing_was_sent(shopee: ShopeeApp) -> None:
    told = shopee.get("push/get_lost_push_message", public=True)
    assert set(told) == {"push_message_list", "has_next_page", "last_message_id"}
    body = {"last_message_id": told["last_message_id"]}
    answer = shopee.answer("POST", "push/confirm_consumed_lost_push_message", body, public=True)
    assert (answer["error"], "response" in answer) == ("", False)
