"""What browsers may do with every answer: nothing inline, nothing from elsewhere, no copy kept."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",
        "style-src 'self'",
        "script-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
DEVICES = ", ".join(
    (
        "camera=(self)",  # scans, photos of deliveries
        "microphone=()",
        "geolocation=()",
        "display-capture=()",
        "payment=()",
        "usb=()",
        "serial=()",
        "hid=()",
        "bluetooth=()",
        "midi=()",
    )
)


class Policies:
    """Puts them on every answer that does not say otherwise itself. Static files are answered further out."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        answer.headers.setdefault("Content-Security-Policy", POLICY)
        answer.headers.setdefault("Permissions-Policy", DEVICES)
        answer.headers.setdefault("Referrer-Policy", "same-origin")
        answer.headers.setdefault("Cache-Control", "no-store")
        return answer
