"""What the server itself answers, without a page of ours: plain words, for people and for htmx."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Protocol

from waitress.utilities import Error

_HEADERS = [
    ("Content-Type", "text/html; charset=utf-8"),
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "default-src 'none'"),
]
_PAGE = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" '
    'content="width=device-width"><title>{title} · Crossdock</title><h1>{title}</h1><p>{words}</p></html>'
)
_TOAST = (
    '<div class="toast error" role="alert"><span>{words}</span>'
    '<button type="button" data-dismiss aria-label="Dismiss">✕</button></div>'
)
_AS_A_TOAST = [("HX-Retarget", "#toasts"), ("HX-Reswap", "beforeend")]


class Asked(Protocol):
    """What is known of a request that is refused."""

    headers: Mapping[str, str]


class Refusal(Error):
    """An answer in words."""

    code: int
    reason: str
    title: str
    retry_after = 0
    """Seconds after which to come back; 0: coming back does not help."""

    def __init__(self, words: str, *, is_part: bool = False) -> None:
        super().__init__(words)
        self.is_part = is_part
        """Whether it is put into a page that is open."""

    def to_response(self, ident: str | None = None) -> tuple[str, list[tuple[str, str]], bytes]:
        """Status, headers and body."""
        words = escape(str(self.body))
        text = (
            _TOAST.format(words=words)
            if self.is_part
            else _PAGE.format(title=self.title, words=words)
        )
        again = [("Retry-After", str(self.retry_after))] if self.retry_after else []
        place = _AS_A_TOAST if self.is_part else []
        return f"{self.code} {self.reason}", [*_HEADERS, *again, *place], text.encode()


class Busy(Refusal):
    """Too many pages wait for outside systems already."""

    code, reason, title, retry_after = 503, "Service Unavailable", "Busy", 5

    def __init__(self, request: Asked) -> None:
        super().__init__(
            "Several pages are waiting for answers of marketplaces or books. Nothing was done: "
            "try again in a moment.",
            is_part=request.headers.get("HX_REQUEST") == "true",
        )


class TooLarge(Refusal):
    """The body is larger than anything that belongs to this address."""

    code, reason, title = 413, "Content Too Large", "Too large"

    def __init__(self, largest: int) -> None:
        super().__init__(f"At most {largest // (1024 * 1024)} MB are taken here.")
