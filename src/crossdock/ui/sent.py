"""What a browser sent, as pages read it: numbers that are keys, texts that can be kept.

Every page reads its query, its form and its cookies through these (``tests/house`` sees to it), or through a
Django form. ``sent`` is ``request.GET``, ``request.POST`` or ``request.COOKIES``.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.http import Http404, HttpRequest, QueryDict

from crossdock.rules.from_outside import plain, whole

_MOST = 10_000
"""Values of one name that are looked at."""


def sent_with(request: HttpRequest) -> QueryDict:
    """The form that was posted, or else the query."""
    return request.POST if request.method == "POST" else request.GET


def wants_json(request: HttpRequest) -> bool:
    """Whether a page's script asks, not a form."""
    return "application/json" in request.headers.get("Accept", "")


def text_of(sent: Mapping[str, str], name: str, longest: int | None = None) -> str:
    """A text; "" where none was sent."""
    return plain(str(sent.get(name, "")), longest)


def texts_of(sent: QueryDict, name: str, longest: int | None = None) -> list[str]:
    """All texts that were sent under a name, in their order."""
    return [plain(str(one), longest) for one in sent.getlist(name)[:_MOST]]


def number_of(sent: Mapping[str, str], name: str, *, least: int = 0, most: int) -> int | None:
    """A whole number within bounds; None where none was sent."""
    return whole(text_of(sent, name), least=least, most=most)


def key_of(sent: Mapping[str, str], name: str) -> int | None:
    """The key of a row; None where none was sent."""
    return whole(text_of(sent, name), least=1)


def key_or_404(sent: Mapping[str, str], name: str) -> int:
    """The same, where the page is about that row. Raises Http404."""
    key = key_of(sent, name)
    if key is None:
        raise Http404(f"There is nothing with this {name}.")
    return key


def keys_of(sent: QueryDict, name: str) -> list[int]:
    """All keys that were sent under a name, in their order; what is no key is no row's."""
    found = (whole(one, least=1) for one in texts_of(sent, name))
    return [one for one in found if one is not None]
