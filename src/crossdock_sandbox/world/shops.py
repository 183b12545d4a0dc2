"""The fixed identities: an app and two shops per channel, and one set of books."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class App:
    """The one app that is registered at a channel."""

    key: str
    secret: str


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop. ``seller_delivers``: some of its orders are delivered by the seller."""

    channel: str
    shop: str
    name: str
    region: str
    seller_id: str
    currency: str
    cipher: str = ""
    sells_unknown: bool = False
    seller_delivers: bool = False


APPS = {
    "lazada": App("104233", "Xs8Kd2pQvLr4TnWb7YhGm3ZcFj6RaE1U"),
    "shopee": App("2004411", "6b7a5148527a4d6e50417354756957454a6b4c69"),
    "tiktok": App("6fq3m1n8k2d7c", "9c4f0e6a1b7d5823e0a9f6c4d1b87e35"),
}
TIKTOK_SERVICE_ID = "7412900000000000001"

SHOPS = (
    Shop("lazada", "lazada-my", "Kedai Harian MY", "MY", "1001", "MYR"),
    Shop(
        "lazada", "lazada-sg", "Harian Living SG", "SG", "1002", "SGD",
        sells_unknown=True, seller_delivers=True,
    ),
    Shop("shopee", "shopee-my", "harian.my", "MY", "300011", "MYR"),
    Shop("shopee", "shopee-sg", "harian.sg", "SG", "300012", "SGD", "", True, True),
    Shop("tiktok", "tiktok-my", "Harian MY", "MY", "7495000000000000011", "MYR", "ROW_my00aQ3x"),
    Shop("tiktok", "tiktok-sg", "Harian SG", "SG", "7495000000000000012", "SGD", "ROW_sg00bT7z", True, True),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class BooksKeys:
    """A company of SQL Account with its register number, and the published keys that open its database."""

    company: str
    register: str
    access_key: str
    secret_key: str


BOOKS = (
    BooksKeys(
        "Harian Trading Sdn. Bhd.",
        "202001012345",
        "3f9a1c5e7b2d40688e1f0a9b6c3d2e71.sql.my/ECOMAPI",
        "t3Yq9mVx2LbK8RzWcN5pHdF7sGj4UaQe6ToIyXwB",
    ),
    BooksKeys(
        "Mingguan Trading Sdn. Bhd.",
        "202103067890",
        "7d20b4e8c1a94f55b6d3e2f18a09c7b4.sql.my/ECOMAPI",
        "Kf8sWz3QmYb6TnLxV1cRgJ9pHd4Ua7Ee2oIiXyBq",
    ),
)
BOOKS_REGION, BOOKS_SERVICE = "ap-southeast-5", "sqlaccount"


def shop_named(channel: str, shop: str) -> Shop:
    """The shop of this short name. Raises LookupError with the known names."""
    for known in SHOPS:
        if known.channel == channel and known.shop == shop:
            return known
    names = ", ".join(known.shop for known in SHOPS if known.channel == channel)
    raise LookupError(f"{channel} has no shop {shop!r}; its shops are {names}")
