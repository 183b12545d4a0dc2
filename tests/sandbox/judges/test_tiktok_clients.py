"""A TikTok Shop client written by others, pointed at the sandbox by its base URLs only."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import httpx
import pypdfium2
import pytest
import tiktok_shop_api.generated.models as models
import zxingcpp
from tiktok_shop_api import TikTokShop, TikTokShopAuth, TikTokShopError, Webhooks
from tiktok_shop_api.generated.types import Unset

from tests.sandbox.running import RunningSandbox

_BACK = "http://127.0.0.1:9/back"


@pytest.fixture
def auth(played: RunningSandbox) -> TikTokShopAuth:
    known = played.identities["tiktok"]
    return TikTokShopAuth(
        known["app_key"],
        known["app_secret"],
        service_id=known["service_id"],
        base_url=known["auth_url"],
    )


@pytest.fixture
def shops(played: RunningSandbox, auth: TikTokShopAuth) -> Iterator[list[TikTokShop]]:
    """A client for each shop of a seller who has let the app into all of them."""
    known = played.identities["tiktok"]
    link = auth.authorization_url(type="seller", region="row", state="s t/+=")
    here = link.replace("https://services.tiktokshop.com", known["base_url"])
    played.post("/apps", channel="tiktok", redirect_uri=_BACK)
    assert "Authorize</button>" in httpx.get(here, trust_env=False).text
    back = httpx.post(here, data={"shop": "all", "decision": "yes"}, trust_env=False)
    answer = httpx.URL(back.headers["location"]).params
    assert answer["state"] == "s t/+="
    tokens = auth.refresh(auth.exchange_code(answer["code"]).refresh_token)
    with TikTokShop(
        known["app_key"],
        known["app_secret"],
        access_token=tokens.access_token,
        base_url=known["base_url"],
    ) as client:
        listed = client.authorization.get_authorized_shops()
        yield [client.with_shop(shop_cipher=one.cipher) for one in listed.data.shops]


def _unknown(value: object, path: str = "") -> set[str]:
    """Fields of an answer that the client's models do not know."""
    if isinstance(value, list):
        return {one for item in value for one in _unknown(item, f"{path}[]")}
    if not attrs.has(type(value)):
        return set()
    more = {f"{path}.{name}" for name in getattr(value, "additional_properties", {})}
    for field in attrs.fields(type(value)):
        held = getattr(value, field.name)
        if field.init and not isinstance(held, Unset):
            more |= _unknown(held, f"{path}.{field.name}")
    return more


def test_the_client_lists_reads_ships_and_fetches_a_label(
    played: RunningSandbox, shops: list[TikTokShop]
) -> None:
    made, shop, listed, token = played.orders(30, "tiktok-my"), shops[0], [], None
    body = models.GetOrderListRequest(update_time_ge=1)
    while token != "":
        more = {"page_token": token} if token else {}
        answer = shop.orders.get_order_list(
            page_size=20, sort_field=models.GetOrderListSortField.UPDATE_TIME, body=body, **more
        )
        assert _unknown(answer) == set()
        listed += [one.id for one in answer.data.orders]
        token = answer.data.next_page_token
    assert set(made) <= set(listed)
    detail = shop.orders.get_order_detail(ids=made[:2])
    assert _unknown(detail) == set()
    first, second = (one.packages[0].id for one in detail.data.orders)
    shop.fulfillment.ship_package(package_id=first)
    batch = models.BatchShipPackagesRequest(
        packages=[models.BatchShipPackagesRequestPackage(id=one) for one in (first, second)]
    )
    (error,) = shop.fulfillment.batch_ship_packages(body=batch).data.errors
    assert (error.code, error.detail.package_id) == (21011020, first)
    document = shop.fulfillment.get_package_shipping_document(
        package_id=first, document_type="SHIPPING_LABEL"
    ).data
    file = httpx.get(document.doc_url, trust_env=False).content
    page = pypdfium2.PdfDocument(file)[0].render(scale=3).to_pil()
    assert [code.text for code in zxingcpp.read_barcodes(page)] == [document.tracking_number]
    for answer in (
        shop.fulfillment.get_package_detail(package_id=first),
        shop.fulfillment.search_package(page_size=20),
        shop.fulfillment.get_order_tracking(order_id=made[0]),
    ):
        assert _unknown(answer) == set()


def test_the_client_ships_and_delivers_what_the_seller_brings(
    played: RunningSandbox, shops: list[TikTokShop]
) -> None:
    (order_id,) = played.orders(1, "tiktok-sg", self_delivery=True)
    shop = shops[1]
    warehouse = shop.logistics.get_warehouse_list().data.warehouses[0]
    options = shop.logistics.get_warehouse_delivery_options(warehouse_id=warehouse.id)
    own = next(one.id for one in options.data.delivery_options if one.type_ == "SEND_BY_SELLER")
    courier = shop.logistics.get_shipping_providers(delivery_option_id=own).data
    (order,) = shop.orders.get_order_detail(ids=[order_id]).data.orders
    package = order.packages[0].id
    shipment = models.SelfShipment(
        tracking_number=f"OWN-{order_id[-6:]}",
        shipping_provider_id=courier.shipping_providers[0].id,
    )
    body = models.ShipPackageRequest(self_shipment=shipment)
    shop.fulfillment.ship_package(package_id=package, body=body)
    report = models.UpdatePackageDeliveryStatusRequestPackage(
        id=package,
        delivery_type=models.UpdatePackageDeliveryStatusRequestPackageDeliveryType.DELIVERY_SUCCESS,
    )
    shop.fulfillment.update_package_delivery_status(
        body=models.UpdatePackageDeliveryStatusRequest(packages=[report])
    )
    (order,) = shop.orders.get_order_detail(ids=[order_id]).data.orders
    assert order.status == "DELIVERED"


def test_the_client_answers_buyers(played: RunningSandbox, shops: list[TikTokShop]) -> None:
    shop, (asking,) = shops[0], played.orders(1, "tiktok-my")
    (sent,) = played.orders(1, "tiktok-my", status="DELIVERED")
    played.event(asking, "request_cancel", "tiktok")
    played.event(sent, "request_return", "tiktok")
    after = shop.return_and_refund
    cancels = after.search_cancellations(body=models.SearchCancellationsRequest(order_ids=[asking]))
    returns = after.search_returns(body=models.SearchReturnsRequest(order_ids=[sent]))
    assert _unknown(cancels) | _unknown(returns) == set()
    (cancel,), (refund,) = cancels.data.cancellations, returns.data.return_orders
    (reason, *_) = after.get_reject_reasons(return_or_cancel_id=cancel.cancel_id).data.reasons
    after.reject_cancellation(
        cancel_id=cancel.cancel_id,
        body=models.RejectCancellationRequest(reject_reason=reason.name),
    )
    eligible = after.get_decision_eligibility(return_or_cancel_id=refund.return_id).data.decisions
    yes = next(one.decision for one in eligible if one.eligible)
    decision = models.ApproveReturnRequestDecision(yes)
    after.approve_return(
        return_id=refund.return_id, body=models.ApproveReturnRequest(decision=decision)
    )
    assert _unknown(after.get_return_records(return_id=refund.return_id)) == set()


def test_the_client_reads_settlements_and_products(
    played: RunningSandbox, shops: list[TikTokShop]
) -> None:
    (order_id,) = played.orders(1, "tiktok-my", status="DELIVERED")
    played.event(order_id, "complete", "tiktok")
    played.post("/advance", hours=24)
    shop = shops[0]
    statements = shop.finance.get_statements(sort_field="statement_time")
    one = statements.data.statements[0].id
    for answer in (
        statements,
        shop.finance.get_transactions_by_statement(
            statement_id=one, sort_field="order_create_time"
        ),
        shop.finance.get_transactions_by_order(order_id=order_id),
        shop.products.search_products(page_size=10),
    ):
        assert _unknown(answer) == set()


def test_the_client_understands_every_push_message(played: RunningSandbox) -> None:
    known = played.identities["tiktok"]
    played.post("/apps", channel="tiktok", webhook_url="http://127.0.0.1:1/hook")
    (order_id,) = played.orders(1, "tiktok-my")
    for event in ("change_address", "request_cancel"):
        played.event(order_id, event, "tiktok")
    kinds = set()
    for row in played.get("/webhooks?channel=tiktok")["webhooks"]:
        if row["order_id"] == order_id:
            event = Webhooks.verify_and_parse(
                app_key=known["app_key"],
                app_secret=known["app_secret"],
                raw_body=row["body"],
                signature=row["headers"]["Authorization"],
            )
            kinds.add(event.type_)
    assert kinds == {1, 3, 11}


def test_the_client_with_a_wrong_secret_gets_the_real_error(played: RunningSandbox) -> None:
    known = played.identities["tiktok"]
    token = played.post("/tokens", channel="tiktok", shop="tiktok-my")["access_token"]
    client = TikTokShop(known["app_key"], "wrong", access_token=token, base_url=known["base_url"])
    with pytest.raises(TikTokShopError) as refused:
        client.authorization.get_authorized_shops()
    assert (refused.value.code, refused.value.http_status) == (106001, 401)
