"""Light or dark, as a person chose it; a cookie keeps it, so that pages without a database know it too."""

from __future__ import annotations

from django.http import HttpRequest

from crossdock.ui.sent import text_of

THEMES = ("auto", "light", "dark")
COOKIE = "theme"


def theme_of(request: HttpRequest) -> str:
    """The theme that was chosen in this browser; ``auto`` follows the system."""
    chosen = text_of(request.COOKIES, COOKIE)
    return chosen if chosen in THEMES else "auto"
