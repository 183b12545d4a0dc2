"""Keys by which TikTok Shop knows a repeated answer again."""

from __future__ import annotations

import hashlib


def idempotency_key(*parts: str) -> str:
    """The same key for the same answer to the same question, and another for any other.

    TikTok Shop: up to 255 characters. What was said is in it as a digest, since it is in an address.
    """
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()
