"""Where a request comes from: the peer, or what a trusted proxy says of its own peer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_NOWHERE = "0.0.0.0"  # noqa: S104 - no place to listen: what stands where a server names no peer


class ClientAddress:
    """Puts the client's address into ``REMOTE_ADDR``, for all that count or write down visitors."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.META["REMOTE_ADDR"] = client_address(
            request.META.get("REMOTE_ADDR", ""),
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
        if nearest is None or not _is_proxy(nearest, proxies):
            break
        before = _parsed(written)
        if before is None:
            break
        nearest = before
    return str(nearest or _NOWHERE)


def _is_proxy(address: Address, proxies: Sequence[Network]) -> bool:
    return any(address in network for network in proxies)


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
