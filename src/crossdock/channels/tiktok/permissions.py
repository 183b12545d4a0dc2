"""Which of a seller's scopes a call needs. The source is ``docs/reference/tiktok-shop.md``."""

from __future__ import annotations

from crossdock.channels.permissions import Permission

_GRANT = "Add it to your app in TikTok Shop Partner Center, then link the store again."

ORDERS = Permission("seller.order.info", "no orders come in", _GRANT, is_for_orders=True)
_LABELS = Permission("seller.fulfillment.basic", "labels are not fetched", _GRANT)
_SHIPPING = Permission(
    "seller.fulfillment.package.write", "orders are not shipped from here", _GRANT
)
_DELIVERY = Permission("seller.delivery.status.write", "deliveries are not reported", _GRANT)
_OTHERS = (
    (
        "/return_refund/",
        Permission(
            "seller.return_refund.basic",
            "cancellations and returns are neither read nor answered",
            _GRANT,
        ),
    ),
    (
        "/finance/",
        Permission(
            "seller.finance.info", "what is paid for orders, and its fees, is not read", _GRANT
        ),
    ),
    (
        "/logistics/",
        Permission("seller.logistics", "your own couriers are not known", _GRANT),
    ),
    (
        "/product/202309/images/",
        Permission("seller.product.write", "pictures of evidence are not sent", _GRANT),
    ),
    (
        "/product/",
        Permission("seller.product.basic", "the products of the shop are not listed", _GRANT),
    ),
    (
        "/authorization/",
        Permission("seller.authorization.info", "the shop's name is not read", _GRANT),
    ),
)


def permission_of(method: str, path: str) -> Permission:
    """The scope of a call."""
    if path.startswith("/fulfillment/"):
        if method == "GET":
            return _LABELS
        return _DELIVERY if path.endswith("/deliver") else _SHIPPING
    return next((one for begins, one in _OTHERS if path.startswith(begins)), ORDERS)
