"""What the shops sell, and what the books know of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Product:
    """Something that a shop sells under a seller's SKU."""

    sku: str
    name: str
    variation: str
    price: Decimal
    known_to_books: bool = True

    @property
    def number(self) -> int:
        """A catalogue number that follows from the SKU."""
        return int(hashlib.sha256(self.sku.encode()).hexdigest()[:8], 16)


def _made(text: str, known: bool) -> tuple[Product, ...]:
    rows = (line.split("|") for line in text.strip().splitlines())
    return tuple(
        Product(sku.strip(), name.strip(), variation.strip(), Decimal(price.strip()), known)
        for sku, name, variation, price in rows
    )


KNOWN = _made(
    """
    BTL-500-BK | Steel bottle 500 ml | Color family:Black | 39.90
    BTL-500-BL | Steel bottle 500 ml | Color family:Ocean blue | 39.90
    BTL-750-GR | Steel bottle 750 ml | Color family:Green | 49.50
    MUG-BLUE | Stoneware mug | Color family:Blue | 18.00
    MUG-SAND | Stoneware mug | Color family:Sand | 18.00
    MUG-SET4 | Stoneware mugs, set of four | Color family:Mixed | 64.00
    TEA-OOL-100 | Oolong tea 100 g | Weight:100 g | 27.35
    TEA-JAS-100 | Jasmine tea 100 g | Weight:100 g | 22.15
    TEA-PUE-250 | Aged pu-erh 250 g | Weight:250 g | 88.80
    TOWEL-M-W | Bamboo towel | Size:M, Color family:White | 24.99
    TOWEL-L-W | Bamboo towel | Size:L, Color family:White | 34.99
    TOWEL-L-G | Bamboo towel | Size:L, Color family:Grey | 34.99
    LAMP-DESK-1 | Desk lamp with dimmer | Plug:Type G | 119.00
    LAMP-CLIP-2 | Clip lamp | Plug:USB-C | 45.60
    BAG-TOTE-N | Canvas tote bag | Color family:Natural | 29.00
    BAG-TOTE-B | Canvas tote bag | Color family:Black | 29.00
    BAG-DAY-GR | Day pack 18 l | Color family:Graphite | 139.00
    CABLE-C-1M | USB-C cable 1 m | Length:1 m | 15.90
    CABLE-C-2M | USB-C cable 2 m | Length:2 m | 19.90
    CHG-65W | Charger 65 W, two ports | Plug:Type G | 99.00
    STAND-LAP | Laptop stand | Material:Aluminium | 79.90
    PAD-DESK-L | Felt desk pad | Size:L | 55.00
    NOTE-A5-D | Dotted notebook A5 | Pages:160 | 21.50
    NOTE-A5-L | Lined notebook A5 | Pages:160 | 21.50
    PEN-GEL-3 | Gel pens, three | Color family:Black | 12.75
    SOAP-LEM | Lemongrass soap | Weight:120 g | 9.90
    SOAP-CHA | Charcoal soap | Weight:120 g | 9.90
    CANDLE-PAN | Pandan candle | Burn time:40 h | 42.00
    MAT-YOGA-6 | Yoga mat 6 mm | Color family:Sage | 89.00
    BAND-SET | Resistance bands, set of five | Set:5 | 36.40
    """,
    True,
)
UNKNOWN = _made(
    """
    IMP-TEAPOT-7 | Cast-iron teapot 0.7 l | Color family:Black | 149.00
    IMP-TRAY-BAM | Bamboo serving tray | Size:L | 58.30
    IMP-CHOP-10 | Chopsticks, ten pairs | Material:Beech | 17.45
    IMP-FAN-MINI | Pocket fan | Color family:White | 33.33
    IMP-SOCK-3 | Merino socks, three pairs | Size:40-42 | 66.60
    IMP-CAP-NV | Running cap | Color family:Navy | 44.10
    """,
    False,
)
PRODUCTS = {product.sku: product for product in (*KNOWN, *UNKNOWN)}
