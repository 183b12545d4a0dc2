"""The control port: shapes that scripts rely on, and errors that say what is allowed."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.ports import free_ports
from tests.sandbox.running import RunningSandbox, start_sandbox


def test_orders_tell_the_truth_in_the_promised_shape(sandbox: RunningSandbox) -> None:
    (order_id,) = sandbox.orders(1, lines=2)
    order = sandbox.truth()[order_id]
    assert set(order) >= {
        "channel", "shop", "order_id", "status", "currency", "total", "created_at", "updated_at", "lines", "packages",
    }  # fmt: skip
    assert [line["quantity"] for line in order["lines"]] == [1, 1]
    assert set(order["lines"][0]) == {"line_id", "sku", "name", "quantity", "price", "status"}
    assert order["created_at"].endswith("Z")


def test_order_ids_can_be_forced_and_the_same_one_lives_in_two_shops(
    sandbox: RunningSandbox,
) -> None:
    wanted = ["990011122133344"]
    assert sandbox.orders(1, order_ids=wanted) == wanted
    assert sandbox.orders(1, "lazada-sg", order_ids=wanted) == wanted


@pytest.mark.parametrize(
    ("path", "body", "says"),
    [
        (
            "/orders",
            {"channel": "amazon", "shop": "x"},
            "channel must be one of lazada, shopee, tiktok",
        ),
        ("/orders", {"channel": "lazada", "shop": "x"}, "lazada-my, lazada-sg"),
        (
            "/orders",
            {"channel": "lazada", "shop": "lazada-my", "status": "lost"},
            "status must be one of",
        ),
        (
            "/orders",
            {"channel": "lazada", "shop": "lazada-my", "created_at": "2999-01-01"},
            "future",
        ),
        ("/orders/lazada/1/event", {"event": "pay"}, "no order 1"),
        ("/faults", {"system": "lazada", "kind": "fire"}, "kind must be one of"),
        ("/strict", {"system": "lazada", "duplicates": "maybe"}, "refuse, take"),
        ("/advance", {"hours": -1}, "hours"),
    ],
)
def test_a_wrong_request_gets_a_4xx_that_says_what_is_allowed(
    sandbox: RunningSandbox, path: str, body: dict[str, Any], says: str
) -> None:
    answer = sandbox.control.post(path, json=body)
    assert 400 <= answer.status_code < 500
    assert says in answer.json()["error"]


def test_an_event_that_the_state_does_not_allow_is_refused(sandbox: RunningSandbox) -> None:
    (order_id,) = sandbox.orders(1)
    answer = sandbox.control.post(f"/orders/lazada/{order_id}/event", json={"event": "deliver"})
    assert answer.status_code == 409
    assert "is pending; this needs one of shipped" in answer.json()["error"]


def test_changes_need_json_and_only_localhost_is_answered(sandbox: RunningSandbox) -> None:
    assert sandbox.control.post("/advance", content=b"hours=1").status_code == 415
    assert sandbox.control.get("/health", headers={"Host": "evil.test"}).status_code == 403


def test_drop_after_does_the_work_and_cuts_the_line(sandbox: RunningSandbox) -> None:
    sandbox.post("/faults", system="sqlaccount", kind="drop_after", times=1)
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(f"{sandbox.identities['sqlaccount']['base_url']}/version", trust_env=False)


def test_everything_survives_a_restart(tmp_path: Any) -> None:
    from tests.sandbox.running import start_sandbox

    first = start_sandbox(data=tmp_path, orders=5)
    before = first.truth()
    first.close()
    second = start_sandbox(data=tmp_path, orders=5)
    assert second.truth() == before
    second.close()


def test_the_page_offers_every_channels_status_words(sandbox: RunningSandbox) -> None:
    page = sandbox.control.get("/").text
    known = json.loads(page.partition('id="known">')[2].partition("</script>")[0])
    assert list(known["channels"]) == ["lazada", "shopee", "tiktok"]
    for channel, offered in known["channels"].items():
        shop = sandbox.identities[channel]["shops"][0]["shop"]
        (order_id,) = sandbox.orders(1, shop, status=offered["words"][0])
        assert sandbox.truth(shop)[order_id]["status"]
        assert offered["usual"] in offered["words"]
    assert "request_return" in known["events"]
    assert sandbox.control.get("/", headers={"Host": "evil.test"}).status_code == 403


def test_a_sandbox_whose_ports_are_taken_ends_and_is_never_mistaken_for_who_took_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = start_sandbox()
    offered = iter([[first.base_port], free_ports(5)])
    monkeypatch.setattr("tests.sandbox.running.free_ports", lambda _: next(offered))
    second = start_sandbox()
    assert second.base_port != first.base_port
    for sandbox in (first, second):
        sandbox.close()
