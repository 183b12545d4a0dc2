"""An error answer of Shopee: its code, its words, and the HTTP status around them.

Which status comes with which error is not documented. Here the gateway refuses with 4xx, and
business errors come with 200, so that a client must read the envelope at any status.
"""

from __future__ import annotations


class Failure(Exception):
    """An error answer."""

    def __init__(self, error: str, message: str, status: int = 200) -> None:
        super().__init__(message)
        self.error, self.message, self.status = error, message, status


def bad_request(message: str) -> Failure:
    """The gateway's ``error_param``."""
    return Failure("error_param", message, 400)


def denied(error: str, message: str) -> Failure:
    """The gateway does not let the caller in."""
    return Failure(error, message, 403)


def wrong(detail: str) -> Failure:
    """The business layer's ``error_param``."""
    return Failure("error_param", f"Wrong parameters, detail: {detail}.")
