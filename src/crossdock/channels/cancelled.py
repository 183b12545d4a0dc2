"""Who cancelled an order, and why, in one sentence's worth of words."""

from __future__ import annotations

BUYER, SELLER, MARKETPLACE = "the buyer", "the seller", "the marketplace"
_LONGEST = 300


def cancelled_words(by: str, reason: str) -> str:
    """``cancelled by the buyer: Change of mind``; without what is not known ("").

    ``by``: one of ``BUYER``, ``SELLER``, ``MARKETPLACE``; ``reason``: the channel's own words.
    """
    who = f"cancelled by {by}" if by else "cancelled"
    return f"{who}: {reason}"[:_LONGEST] if reason else who if by else ""
