"""What is done to packages, and how one knows that it was done before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from crossdock.channels.tiktok.endpoints import DELIVER_PACKAGES, SHIP_PACKAGES
from crossdock.rules.facts import Stage

ENTER = "Enter the courier and its tracking number: the seller ships this order."


@dataclass(frozen=True, slots=True)
class Deed:
    """A call about many packages."""

    path: str
    already: frozenset[str]
    """Codes that say that it was done before."""
    done: frozenset[Stage]
    """Where the lines of a package stand for which it was done."""
    more: Mapping[str, str] = field(default_factory=dict)
    """What is sent of each package besides its id."""
    own_words: str = ""
    """What a person must be told where the seller ships the order, and nothing was chosen for it."""


SHIPPING = Deed(
    SHIP_PACKAGES,
    already=frozenset(
        {
            "21011006", "21011020", "21011040", "21008099", "11006021", "21042056",
            "21011027", "21008042", "21022025",
        }
    ),
    done=frozenset({Stage.READY, Stage.SHIPPED, Stage.DELIVERED, Stage.COMPLETED}),
    own_words=ENTER,
)  # fmt: skip
"""The last three: delivered already, and a label that was bought already."""
DELIVERING = Deed(
    DELIVER_PACKAGES,
    already=frozenset({"21011027"}),
    done=frozenset({Stage.DELIVERED, Stage.COMPLETED}),
    more={"delivery_type": "DELIVERY_SUCCESS"},
)
