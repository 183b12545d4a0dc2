"""How large a request may be: decided by its announced length, before a byte of it is read or kept.

No server hands on more than was announced, and without a length Django reads nothing. Whoever is not logged
in has no page that takes files.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from crossdock.rules.from_outside import whole
from crossdock.ui.sent import text_of, wants_json

MEGABYTE = 1024 * 1024
PLAIN = 2 * MEGABYTE
"""Bytes of a form without files: five thousand pasted codes are a twentieth of it."""

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def takes_files(megabytes: int) -> Callable[[View], View]:
    """A view that takes so much: above what it takes for good, so that it says itself what is too large."""

    def wrap(view: View) -> View:
        view.most_sent = megabytes * MEGABYTE  # type: ignore[attr-defined]
        return view

    return wrap


class SentSize:
    """Answers 413 to what is larger than its view takes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Must come before whatever looks into the form: so before the check against forged forms."""
        announced = whole(text_of(request.META, "CONTENT_LENGTH")) or 0
        if announced <= PLAIN:
            return None
        most = getattr(view, "most_sent", PLAIN) if request.user.is_authenticated else PLAIN
        return None if announced <= most else _too_large(request, most // MEGABYTE)


def _too_large(request: HttpRequest, megabytes: int) -> HttpResponse:
    words = f"What you sent is too large: here, at most {megabytes} MB at once."
    if wants_json(request):
        return JsonResponse({"words": words}, status=413)
    return render(request, "413.html", {"words": words}, status=413)
