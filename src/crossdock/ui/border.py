"""What every request is freed of before anything reads it."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from crossdock.rules.from_outside import is_plain, whole


class Border:
    """Drops cookies that no page of ours has set, since they hold what cannot be kept, and a length that is no
    number; reads everything as UTF-8, whatever the request says of itself: pages send nothing else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        sent = request.COOKIES
        request.COOKIES = {name: sent[name] for name in sent if is_plain(sent[name])}
        if whole(request.META.get("CONTENT_LENGTH", "")) is None:
            request.META["CONTENT_LENGTH"] = ""
        if request.encoding is not None:
            request.encoding = "utf-8"
        return self.get_response(request)
