"""A picture's bytes from where a channel says that it lies, through ``channels.wire``.

An address is believed for nothing: it may lead anywhere, and what comes may be anything. The wire
refuses private addresses and ends what takes too long; of the hosts that the operator trusts, only
those where a marketplace is called may be asked for pictures.
"""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

from django.conf import settings

from crossdock.channels import wire
from crossdock.channels.errors import NotSent, Unreadable

LARGEST = 10 * 1024 * 1024
"""Bytes of a picture; more is not read."""

_SECONDS = 8.0
_MOST_HOPS = 2
_MOVED = frozenset({301, 302, 303, 307, 308})
_BUSY = 429


class NotFetched(Exception):
    """The picture did not come; the message says why."""


class HostIsDown(NotFetched):
    """The host does not answer, or asks for a pause: others of it would not come either."""


def body_at(url: str) -> bytes:
    """What lies at this address. Raises NotFetched, or HostIsDown."""
    here = url
    for hop in range(_MOST_HOPS + 1):
        answer = _asked(here, is_first=hop == 0)
        if answer.status not in _MOVED:
            return answer.body
        here = _onward(here, answer.headers.get("location", ""))
    raise NotFetched("The address leads on and on.")


def _asked(url: str, *, is_first: bool) -> wire.Answer:
    trusted = _trusted()
    try:
        answer = wire.send(
            "GET",
            _safe(url, trusted),
            headers={"Accept": "image/webp,image/png,image/jpeg,image/gif"},
            writes=False,
            trusted_hosts=trusted,
            seconds=_SECONDS,
            largest=LARGEST,
        )
    except NotSent as error:
        raise (HostIsDown if is_first else NotFetched)(error.words) from error
    except Unreadable as error:
        raise NotFetched(error.words) from error
    if answer.status >= 500 or answer.status == _BUSY:
        raise (HostIsDown if is_first else NotFetched)(f"The host answered {answer.status}.")
    if answer.status >= 400:
        raise NotFetched(f"The host answered {answer.status}.")
    return answer


def _onward(here: str, to: str) -> str:
    try:
        return urljoin(here, to)
    except ValueError:
        raise NotFetched("The address leads to none.") from None


def _safe(url: str, trusted: frozenset[str]) -> str:
    """The address through https, which the wire wants of all but trusted hosts."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise NotFetched("This is no web address.") from None
    if parts.scheme == "http" and parts.netloc not in trusted:
        return parts._replace(scheme="https").geturl()
    return url if parts.scheme else f"https:{url}"


def _trusted() -> frozenset[str]:
    """The hosts, with their ports, where a marketplace is called, as far as the operator trusts them."""
    bases = {
        urlsplit(base) for app in settings.CHANNEL_APPS.values() for base in app.base_urls.values()
    }
    return frozenset(
        base.netloc for base in bases if {base.hostname, base.netloc} & settings.TRUSTED_HOSTS
    )
