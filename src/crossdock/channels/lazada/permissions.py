"""What does not work where Lazada permits our app no call of a kind: it allows them API by API."""

from __future__ import annotations

from crossdock.channels.permissions import Permission

_GRANT = "Apply for its API group in the app console of Lazada Open Platform."
_ORDERS = frozenset({"/orders/get", "/order/get", "/orders/items/get"})
_STOPS = (
    ("/order/fulfill/pack", "orders are not packed from here"),
    ("/order/package/rts", "orders are not shipped from here"),
    ("/order/package/repack", "no packing is undone from here"),
    ("/order/package/document/", "labels are not fetched"),
    ("/order/package/sof/", "deliveries are not reported"),
    ("/order/reverse/cancel/", "cancellations are not made or answered from here"),
    ("/order/reverse/", "returns are not answered from here"),
    ("/reverse/", "returns are not read"),
    ("/image/", "pictures of evidence are not sent"),
    ("/finance/", "what is paid for orders, and its fees, is not read"),
    ("/products/", "the products of the shop are not listed"),
    ("/seller/", "the shop's name is not read"),
)


def permission_of(path: str) -> Permission:
    """What a call needs."""
    if path in _ORDERS:
        return Permission(path, "no orders come in", _GRANT, is_for_orders=True)
    stops = next((words for begins, words in _STOPS if path.startswith(begins)), "it is not called")
    return Permission(path, stops, _GRANT)
