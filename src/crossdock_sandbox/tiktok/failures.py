"""An error answer of TikTok Shop: its code, its words, and the HTTP status around them."""

from __future__ import annotations


class Failure(Exception):
    """An error answer. Most business errors come with HTTP 200, the gateway's with 4xx."""

    def __init__(self, code: int, message: str, status: int = 200) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


def invalid(message: str) -> Failure:
    """The overloaded 36009004: which part is wrong stands in the message alone."""
    return Failure(36009004, message, 400)
