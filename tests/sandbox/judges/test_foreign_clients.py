"""Clients written by others, pointed at the sandbox by their base URL only."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import httpx
import pypdfium2
import pytest
import zxingcpp
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from lazop_sdk import LazopClient, LazopRequest

from tests.sandbox.running import RunningSandbox


class Lazop:
    """The marketplace's own Python client."""

    def __init__(self, sandbox: RunningSandbox, secret: str = "") -> None:
        lazada = sandbox.identities["lazada"]
        self.token = sandbox.post("/tokens", channel="lazada", shop="lazada-my")["access_token"]
        self.client = LazopClient(
            lazada["base_url"], lazada["app_key"], secret or lazada["app_secret"]
        )

    def __call__(self, path: str, method: str = "GET", **parameters: str) -> Any:
        request = LazopRequest(path, method)
        for name, value in parameters.items():
            request.add_api_param(name, value)
        return self.client.execute(request, self.token).body


def test_lazop_lists_reads_packs_readies_and_fetches_a_label(sandbox: RunningSandbox) -> None:
    lazop = Lazop(sandbox)
    (order_id,) = sandbox.orders(1)
    listed = lazop(
        "/orders/get", created_after="2020-01-01T00:00:00+08:00", limit="100", sort_direction="DESC"
    )
    assert order_id in {str(order["order_id"]) for order in listed["data"]["orders"]}
    items = lazop("/order/items/get", order_id=order_id)["data"]
    request = {
        "pack_order_list": [
            {"order_id": int(order_id), "order_item_list": [one["order_item_id"] for one in items]}
        ],
        "delivery_type": "dropship",
        "shipping_allocate_type": "TFS",
    }
    packed = lazop("/order/fulfill/pack", "POST", packReq=json.dumps(request))["result"]["data"][
        "pack_order_list"
    ]
    package = packed[0]["order_item_list"][0]
    assert package["item_err_code"] == "0"
    ready = {"packages": [{"package_id": package["package_id"]}]}
    done = lazop("/order/package/rts", "POST", readyToShipReq=json.dumps(ready))["result"]["data"][
        "packages"
    ]
    assert [row["item_err_code"] for row in done] == ["0"]
    label = lazop(
        "/order/package/document/get", getDocumentReq=json.dumps({"doc_type": "PDF", **ready})
    )
    pdf = _downloaded(label["result"]["data"])
    image = pypdfium2.PdfDocument(pdf)[0].render(scale=3).to_pil()
    assert [code.text for code in zxingcpp.read_barcodes(image)] == [package["tracking_number"]]


def _downloaded(data: dict[str, str]) -> bytes:
    frame = base64.b64decode(data["file"]).decode()
    assert re.search(r'src="([^"]+)"', frame)[1] == data["pdf_url"]  # type: ignore[index]
    return httpx.get(data["pdf_url"], trust_env=False).content


def test_lazop_with_a_wrong_secret_gets_the_real_error(sandbox: RunningSandbox) -> None:
    answer = Lazop(sandbox, secret="wrong")("/seller/get")
    assert (answer["type"], answer["code"]) == ("ISV", "IncompleteSignature")


@pytest.mark.parametrize(
    "scope", [("ap-southeast-5", "sqlaccount"), ("ap-southeast-1", "execute-api")]
)
@pytest.mark.parametrize("headers", [{}, {"Content-Type": "application/json"}])
def test_botocores_signer_is_accepted_with_a_slash_in_the_access_key(
    sandbox: RunningSandbox, scope: tuple[str, str], headers: dict[str, str]
) -> None:
    answer = _signed(sandbox, "/salesinvoice?docno=A%20B", scope, headers)
    assert "/" in sandbox.identities["sqlaccount"]["access_key"]
    assert (answer.status_code, answer.json()["data"]) == (200, [])


def test_a_wrong_secret_is_an_invalid_signature(sandbox: RunningSandbox) -> None:
    answer = _signed(sandbox, "/version", ("ap-southeast-5", "sqlaccount"), {}, secret="wrong")
    assert (answer.status_code, answer.text) == (401, "Invalid signature")


def _signed(
    sandbox: RunningSandbox,
    path: str,
    scope: tuple[str, str],
    headers: dict[str, str],
    secret: str = "",
) -> httpx.Response:
    books = sandbox.identities["sqlaccount"]
    request = AWSRequest("GET", books["base_url"] + path, headers=headers)
    credentials = Credentials(books["access_key"], secret or books["secret_key"])
    SigV4Auth(credentials, scope[1], scope[0]).add_auth(request)
    return httpx.get(request.url, headers=dict(request.headers.items()), trust_env=False)
