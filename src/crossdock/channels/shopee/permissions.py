"""What does not work where Shopee permits our app no call of a kind: it allows them API by API."""

from __future__ import annotations

from crossdock.channels.permissions import Permission

_GRANT = (
    "Look in the console of Shopee Open Platform whether your app's category has it, or what restricts "
    "the app there."
)
_ORDERS = frozenset({"order/get_order_list", "order/get_order_detail"})
_STOPS = (
    ("order/get_package_detail", "tracking numbers are not read"),
    ("order/cancel_order", "orders are not cancelled from here"),
    ("order/handle_buyer_cancellation", "buyers who ask to cancel are not answered from here"),
    ("logistics/get_channel_list", "your own couriers are not known"),
    ("logistics/get_tracking_number", "tracking numbers are not read"),
    ("logistics/get_shipping_document", "labels are not fetched"),
    ("logistics/create_shipping_document", "labels are not fetched"),
    ("logistics/download_shipping_document", "labels are not fetched"),
    ("logistics/", "orders are not shipped from here"),
    ("returns/get_return", "returns are not read"),
    ("returns/", "returns are not answered from here"),
    ("payment/get_escrow_detail_batch", "escrows are read one by one"),
    (
        "payment/",
        "vouchers, what is paid for orders and its fees are not read, so that nothing is posted",
    ),
    ("product/", "the products of the shop are not listed"),
    ("shop/", "the shop's name is not read"),
)


def permission_of(name: str) -> Permission:
    """What a call needs, by its name without the version: ``order/get_order_list``."""
    if name in _ORDERS:
        return Permission(f"v2.{_dotted(name)}", "no orders come in", _GRANT, is_for_orders=True)
    stops = next((words for begins, words in _STOPS if name.startswith(begins)), "it is not called")
    return Permission(f"v2.{_dotted(name)}", stops, _GRANT)


def _dotted(name: str) -> str:
    """As Shopee's console writes it."""
    return name.replace("/", ".")
