"""Every call that is served: method, path, how it is signed, and how its answer is wrapped."""

from __future__ import annotations

from crossdock_sandbox.shopee import (
    cancelling,
    channels,
    disputes,
    documents,
    evidence,
    orders,
    packages,
    payments,
    places,
    products,
    push_config,
    return_answers,
    returns,
    shipping,
    shipping_parameters,
    shops,
    splitting,
    tokens,
    tracking,
)
from crossdock_sandbox.shopee.failures import bad_request
from crossdock_sandbox.shopee.gateway import Road

_O, _L, _R, _P = "order", "logistics", "returns", "payment"

ROADS = (
    Road("POST", "auth/token/get", tokens.get, public=True, bare=True),
    Road("POST", "auth/access_token/get", tokens.refresh, public=True, bare=True),
    Road("GET", "public/get_shops_by_partner", shops.authorized, public=True, bare=True),
    Road("GET", "shop/get_shop_info", shops.info, bare=True),
    Road("GET", f"{_O}/get_order_list", orders.order_list),
    Road("GET", f"{_O}/get_order_detail", orders.order_detail),
    Road("POST", f"{_O}/set_note", orders.set_note),
    Road("POST", f"{_O}/get_buyer_invoice_info", orders.invoice_info, bare=True),
    Road("GET", f"{_O}/get_shipment_list", packages.shipment_list),
    Road("POST", f"{_O}/search_package_list", packages.search),
    Road("GET", f"{_O}/get_package_detail", packages.detail),
    Road("POST", f"{_O}/split_order", splitting.split),
    Road("POST", f"{_O}/unsplit_order", splitting.unsplit),
    Road("POST", f"{_O}/cancel_order", cancelling.cancel),
    Road("POST", f"{_O}/handle_buyer_cancellation", cancelling.answer),
    Road("POST", f"{_O}/get_estimate_cancel_value", cancelling.estimate, bare=True),
    Road("GET", f"{_L}/get_shipping_parameter", shipping_parameters.of_order),
    Road("POST", f"{_L}/get_mass_shipping_parameter", shipping_parameters.of_many),
    Road("POST", f"{_L}/ship_order", shipping.ship_order),
    Road("POST", f"{_L}/mass_ship_order", shipping.mass_ship_order, bare=True),
    Road("POST", f"{_L}/batch_ship_order", shipping.batch_ship_order),
    Road("POST", f"{_L}/update_shipping_order", shipping.update_shipping_order),
    Road("GET", f"{_L}/get_tracking_number", tracking.number),
    Road("POST", f"{_L}/get_mass_tracking_number", tracking.numbers),
    Road("GET", f"{_L}/get_tracking_info", tracking.info),
    Road("POST", f"{_L}/update_tracking_status", tracking.update_status),
    Road("GET", f"{_L}/get_address_list", places.listed),
    Road("GET", f"{_L}/get_channel_list", channels.listed),
    Road("POST", f"{_L}/get_shipping_document_parameter", documents.parameter),
    Road("POST", f"{_L}/create_shipping_document", documents.create),
    Road("POST", f"{_L}/get_shipping_document_result", documents.result),
    Road("POST", f"{_L}/download_shipping_document", documents.download),
    Road("GET", f"{_R}/get_return_list", returns.listed),
    Road("GET", f"{_R}/get_return_detail", returns.one),
    Road("GET", f"{_R}/get_reverse_tracking_info", returns.reverse_tracking),
    Road("POST", f"{_R}/confirm", return_answers.confirm),
    Road("GET", f"{_R}/get_available_solutions", return_answers.available_solutions),
    Road("POST", f"{_R}/offer", return_answers.offer),
    Road("POST", f"{_R}/accept_offer", return_answers.accept_offer),
    Road("GET", f"{_R}/get_return_dispute_reason", disputes.reasons),
    Road("POST", f"{_R}/dispute", disputes.dispute),
    Road("POST", f"{_R}/cancel_dispute", disputes.cancel),
    Road("POST", f"{_R}/convert_image", evidence.convert_image),
    Road("POST", f"{_R}/upload_proof", evidence.upload_proof),
    Road("GET", f"{_R}/query_proof", evidence.query_proof),
    Road("GET", f"{_P}/get_escrow_detail", payments.escrow),
    Road("GET", f"{_P}/get_escrow_detail_batch", payments.escrows),
    Road("POST", f"{_P}/get_escrow_detail_batch", payments.escrows),
    Road("GET", f"{_P}/get_escrow_list", payments.released),
    Road("GET", "product/get_item_list", products.item_list),
    Road("GET", "product/get_item_base_info", products.base_info),
    Road("GET", "product/get_model_list", products.models),
    Road("POST", "push/set_app_push_config", push_config.set_config, public=True),
    Road("GET", "push/get_app_push_config", push_config.get_config, public=True),
    Road("GET", "push/get_lost_push_message", push_config.lost, public=True),
    Road("POST", "push/confirm_consumed_lost_push_message", push_config.consumed, public=True),
)
_BY_NAME = {(road.method, f"/api/v2/{road.path}"): road for road in ROADS}


def find(method: str, path: str) -> Road:
    """The call that a request makes. Raises Failure."""
    road = _BY_NAME.get((method, path))
    if road is None:
        raise bad_request(
            "Permission denied. This API is currently offline or the request path is incorrect."
        )
    return road
