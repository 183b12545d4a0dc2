"""Every call that is served: method, path, versions, the scope that it needs."""

from __future__ import annotations

from crossdock_sandbox.tiktok import (
    cancellations,
    delivering,
    eligibility,
    finance,
    labels,
    logistics,
    orders,
    packages,
    products,
    refunds,
    renumbering,
    returns,
    shipping,
    shops,
    splitting,
    topics,
    uploads,
)
from crossdock_sandbox.tiktok.failures import Failure
from crossdock_sandbox.tiktok.gateway import Road

_ORDER, _BASIC, _WRITE = (
    "seller.order.info",
    "seller.fulfillment.basic",
    "seller.fulfillment.package.write",
)
_DELIVERY, _LOGISTICS = "seller.delivery.status.write", "seller.logistics"
_RETURN, _FINANCE = "seller.return_refund.basic", "seller.finance.info"
_PRODUCT, _PRODUCT_WRITE = "seller.product.basic", "seller.product.write"
_RETURNS = "202309 202602"
_F, _R, _P = "/fulfillment/{v}", "/return_refund/{v}", "/product/{v}"

ROADS = (
    Road("GET", "/authorization/{v}/shops", "202309", shops.authorized, "seller.authorization.info", cipher=False),
    Road("GET", "/seller/{v}/shops", "202309", shops.active, "seller.shop.info", cipher=False),
    Road("POST", "/order/{v}/orders/search", "202309", orders.search, _ORDER),
    Road("GET", "/order/{v}/orders", "202309 202507", orders.detail, _ORDER),
    Road("GET", "/order/{v}/orders/{order_id}/price_detail", "202407", orders.prices, _ORDER),
    Road("POST", _F + "/packages/{package_id}/ship", "202309", shipping.ship, _WRITE),
    Road("POST", _F + "/packages/ship", "202309", shipping.ship_many, _WRITE),
    Road("GET", _F + "/packages/{package_id}/shipping_documents", "202309", labels.document, _BASIC),
    Road("GET", _F + "/packages/{package_id}", "202309", packages.detail, _BASIC),
    Road("POST", _F + "/packages/search", "202309", packages.search, _BASIC),
    Road("GET", _F + "/packages/{package_id}/handover_time_slots", "202309", packages.time_slots, _BASIC),
    Road("POST", _F + "/orders/{order_id}/packages", "202309 202610", shipping.mark, _WRITE),
    Road("POST", _F + "/orders/{order_id}/shipping_info/update", "202309", renumbering.of_order, _WRITE),
    Road("POST", _F + "/packages/{package_id}/shipping_info/update", "202309 202610", renumbering.of_package, _WRITE),
    Road("GET", _F + "/orders/{order_id}/tracking", "202309", packages.tracking, _BASIC),
    Road("GET", _F + "/orders/split_attributes", "202309", splitting.split_attributes, _BASIC),
    Road("POST", _F + "/orders/{order_id}/split", "202309", splitting.split, _WRITE),
    Road("GET", _F + "/combinable_packages/search", "202309", splitting.combinable, _BASIC),
    Road("POST", _F + "/packages/combine", "202309", splitting.combine, _WRITE),
    Road("POST", _F + "/packages/{package_id}/uncombine", "202309", splitting.uncombine, _WRITE),
    Road("POST", _F + "/orders/{order_id}/shipping_services/query", "202309", shipping.services, _BASIC),
    Road("POST", _F + "/packages", "202309 202512", shipping.create_packages, _WRITE),
    Road("POST", _F + "/packages/deliver", "202309", delivering.deliver, _DELIVERY),
    Road("POST", _F + "/images/upload", "202309", uploads.proof_picture, _BASIC, multipart=True),
    Road("POST", _F + "/files/upload", "202309", uploads.proof_file, _BASIC, multipart=True),
    Road("GET", "/logistics/{v}/warehouses", "202309", logistics.warehouses, _LOGISTICS),
    Road("GET", "/logistics/{v}/warehouses/{warehouse_id}/delivery_options", "202309", logistics.delivery_options, _LOGISTICS),
    Road("GET", "/logistics/{v}/delivery_options/{delivery_option_id}/shipping_providers", "202309", logistics.providers, _LOGISTICS),
    Road("GET", _R + "/orders/{order_id}/aftersale_eligibility", _RETURNS, eligibility.aftersale, _RETURN),
    Road("POST", _R + "/cancellations", _RETURNS, cancellations.create, _RETURN),
    Road("POST", _R + "/cancellations/search", _RETURNS, cancellations.search, _RETURN),
    Road("POST", _R + "/cancellations/{cancel_id}/approve", "202309", cancellations.approve, _RETURN),
    Road("POST", _R + "/cancellations/{cancel_id}/reject", "202309", cancellations.reject, _RETURN),
    Road("GET", _R + "/reject_reasons", "202309", eligibility.reject_reasons, _RETURN),
    Road("GET", _R + "/decision_eligibility", "202601", eligibility.decisions, _RETURN),
    Road("POST", _R + "/returns/search", _RETURNS, returns.search, _RETURN),
    Road("GET", _R + "/returns/{return_id}/records", "202309", returns.records, _RETURN),
    Road("POST", _R + "/returns/{return_id}/approve", "202309", returns.approve, _RETURN),
    Road("POST", _R + "/returns/{return_id}/reject", "202309 202606", returns.reject, _RETURN),
    Road("POST", _R + "/returns", _RETURNS, refunds.create, _RETURN),
    Road("POST", _R + "/refunds/calculate", _RETURNS, refunds.calculate, _RETURN),
    Road("GET", "/finance/{v}/statements", "202309", finance.statements, _FINANCE),
    Road("GET", "/finance/{v}/statements/{statement_id}/statement_transactions", "202309 202501", finance.of_statement, _FINANCE),
    Road("GET", "/finance/{v}/orders/{order_id}/statement_transactions", "202309 202501", finance.of_order, _FINANCE),
    Road("GET", "/finance/{v}/orders/unsettled", "202507", finance.unsettled, _FINANCE),
    Road("GET", "/finance/{v}/payments", "202309 202605", finance.payments, _FINANCE),
    Road("GET", "/finance/{v}/withdrawals", "202309", finance.withdrawals, _FINANCE),
    Road("POST", _P + "/products/search", "202309 202502", products.search, _PRODUCT),
    Road("POST", _P + "/products/{product_id}/inventory/update", "202309", products.update_inventory, _PRODUCT_WRITE),
    Road("POST", _P + "/images/upload", "202309", uploads.product_picture, _PRODUCT_WRITE, cipher=False, multipart=True),
    Road("GET", "/event/{v}/webhooks", "202309", topics.listed),
    Road("PUT", "/event/{v}/webhooks", "202309", topics.put),
    Road("DELETE", "/event/{v}/webhooks", "202309", topics.drop),
)  # fmt: skip
_PARTS = tuple((road.path.strip("/").split("/"), road) for road in ROADS)


def find(method: str, path: str) -> tuple[Road, str, dict[str, str]]:
    """(call, version, what stands in the placeholders) of a request. Raises Failure."""
    given = path.strip("/").split("/")
    fitting = [(road, ids) for parts, road in _PARTS if (ids := _match(parts, given)) is not None]
    if not fitting:
        raise Failure(36009009, "Invalid path, no such API.", 404)
    # The path with fewer placeholders is meant: packages/ship is no package named "ship".
    fewest = min(len(ids) for _, ids in fitting)
    of_method = [one for one in fitting if one[0].method == method]
    if not of_method:
        raise Failure(36009010, "Invalid HTTP method for this path.", 405)
    road, ids = next((one for one in of_method if len(one[1]) == fewest), of_method[0])
    version = ids.pop("v")
    if version not in road.versions.split():
        raise Failure(36009014, f"Unsupported version {version} of this API.", 400)
    return road, version, ids


def _match(parts: list[str], given: list[str]) -> dict[str, str] | None:
    """What stands in the placeholders, where a path fits."""
    if len(parts) != len(given):
        return None
    ids = {}
    for part, value in zip(parts, given, strict=True):
        if part.startswith("{"):
            ids[part[1:-1]] = value
        elif part != value:
            return None
    return ids if value_of_version(ids.get("v", "")) else None


def value_of_version(text: str) -> bool:
    """Whether it looks like a version: ``202309``."""
    return len(text) == 6 and text.isdigit()
