"""Where a request comes from, and how: the peer's word, or what a trusted proxy says of its own peer."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_SCHEME = "HTTP_X_FORWARDED_PROTO"
_UNKNOWN_PROXY = (
    "This came through a reverse proxy that Crossdock does not know. Whoever runs this installation adds "
    "the proxy's address to CROSSDOCK_TRUSTED_PROXIES; the log names it."
)
_NOWHERE = "0.0.0.0"  # noqa: S104 - no place to listen: what stands where a server names no peer

log = logging.getLogger("django.security.proxy")
"""One line a minute, as for all that strangers cause (``ops.quiet``)."""


class ClientAddress:
    """Puts the client's address into ``REMOTE_ADDR``, for all that count or write down visitors, and drops
    what others than trusted proxies say of https."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer; 400 for whom sending them to https would only lead here again."""
        peer = request.META.get("REMOTE_ADDR", "")
        if not is_trusted(peer, settings.TRUSTED_PROXIES):
            told = request.META.pop(_SCHEME, "")
            if told and settings.SECURE_SSL_REDIRECT:
                log.warning("X-Forwarded-Proto from %s, which is no trusted proxy", peer)
                return HttpResponse(_UNKNOWN_PROXY, content_type="text/plain", status=400)
        request.META["REMOTE_ADDR"] = client_address(
            peer,
            request.META.get("HTTP_X_FORWARDED_FOR", ""),
            settings.TRUSTED_PROXIES,
        )
        return self.get_response(request)


def client_address(peer: str, forwarded: str, proxies: Sequence[Network]) -> str:
    """The nearest address that is no trusted proxy's, from the peer backwards.

    ``forwarded`` is X-Forwarded-For: each proxy adds its own peer at the right, and what stands left
    of the first stranger is the stranger's own tale. An entry that is no address ends the walk.
    """
    nearest = _parsed(peer)
    for written in reversed(forwarded.split(",")):
        if not _is_proxy(nearest, proxies):
            break
        before = _parsed(written)
        if before is None:
            break
        nearest = before
    return str(nearest or _NOWHERE)


def is_trusted(peer: str, proxies: Sequence[Network]) -> bool:
    """Whether whoever is connected with us is a trusted proxy. ``peer``: an address as servers write it."""
    return _is_proxy(_parsed(peer), proxies)


def _is_proxy(address: Address | None, proxies: Sequence[Network]) -> bool:
    return address is not None and any(address in network for network in proxies)


def _parsed(written: str) -> Address | None:
    """An address as proxies write it: with a port or a zone, in brackets, IPv4 within IPv6."""
    text = written.strip().partition("%")[0]
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    inner = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return inner or address
