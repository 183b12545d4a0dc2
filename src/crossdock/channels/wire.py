"""The one place that sends anything to an outside system.

Names are resolved once and the call goes to that very address; private, loopback and link-local
addresses are refused unless the operator trusts the host; redirects are not followed; sizes and
times are capped. What went wrong is told apart by one question: can the request have arrived?
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

import httpcore
import httpx

from crossdock.channels.errors import NotSent, Unclear, Unreachable, Unreadable
from crossdock.channels.patience import InTime, may_call, seconds_left, within
from crossdock.channels.unpacking import ACCEPTED, NotUnpacked, TooMuch, unpacked

TOTAL_SECONDS = 20.0
"""A call ends within this time, whatever the other side does: well under the stall timeout."""

_CONNECT_SECONDS = 5.0
_KEPT_SECONDS = 3.0
"""A connection idle for longer is not used again: many servers close theirs after 5 s."""

_LARGEST_ANSWER = 32 * 1024 * 1024
_clients = threading.local()
_asked_first: list[Callable[[], None]] = []
_heard: ContextVar[list[Heard] | None] = ContextVar("heard", default=None)
_not_after: ContextVar[float] = ContextVar("not_after", default=float("inf"))
_ABOUT_TO_WRITE = frozenset(
    {"http11.send_request_headers.started", "http11.send_request_body.started"}
)


def ask_before_sending(may_send: Callable[[], None]) -> None:
    """Have this asked before every request: it raises one of ``channels.errors`` where none may go out.
    Called once, at start, by the room above that knows."""
    _asked_first[:] = [may_send]


@contextmanager
def not_after(moment: float) -> Iterator[None]:
    """Let no request that writes go out once ``time.monotonic()`` has passed this moment.

    It is looked at when the connection stands and the first byte is about to leave: a process that
    was frozen on its way there must not do what another has done meanwhile.
    """
    before = _not_after.set(moment)
    try:
        yield
    finally:
        _not_after.reset(before)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: any HTTP status counts as an answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Heard:
    """When something answered, by our clock, and what it took for the time (its ``Date``; "" untold)."""

    at: float
    date: str


@contextmanager
def listening() -> Iterator[list[Heard]]:
    """Keep when the calls inside were answered: tells whether our clock is right."""
    heard: list[Heard] = []
    before = _heard.set(heard)
    try:
        yield heard
    finally:
        _heard.reset(before)


def send(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    content: bytes = b"",
    writes: bool,
    trusted_hosts: frozenset[str] = frozenset(),
    seconds: float = TOTAL_SECONDS,
    largest: int = _LARGEST_ANSWER,
) -> Answer:
    """Send one request to exactly this URL and return the answer.

    ``writes`` says that the request may change something: a lost answer is then Unclear, while a
    lost answer to a reading call is NotSent, since repeating it does no harm. ``largest``: bytes of
    an answer; more is not read.
    Raises NotSent, Unclear or Unreadable (too large, or packed in a way that nobody asked for); whatever
    ``ask_before_sending`` was given raises.
    """
    with within(seconds):
        if not may_call():
            raise NotSent(f"{_shown(url)} was not called: this page may not wait for it.")
        for may_send in _asked_first:
            may_send()
        target, host = _resolved(url, trusted_hosts)
        if not seconds_left():
            raise NotSent(f"{host} was not called: there was no time left.")
        request = _request(method, target, {**(headers or {}), "Host": host}, content)
        request.extensions["sni_hostname"] = urlsplit(url).hostname or ""
        if writes:
            request.extensions["trace"] = _unless_too_late(host)
        try:
            return _exchange(request, largest)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise Unreachable(f"{host} could not be reached: {_words(error)}") from error
        except (httpx.PoolTimeout, httpx.UnsupportedProtocol) as error:
            raise NotSent(f"{host} could not be reached: {_words(error)}") from error
        except httpx.HTTPError as error:
            lost = Unclear if writes else NotSent
            raise lost(f"{host} gave no whole answer: {_words(error)}") from error
        except (TooMuch, NotUnpacked) as error:
            unreadable = Unclear if writes else Unreadable
            what = f"is more than {largest} bytes" if isinstance(error, TooMuch) else str(error)
            raise unreadable(f"The answer of {host} {what}.") from error


def _request(
    method: str, target: httpx.URL | str, headers: Mapping[str, str], content: bytes
) -> httpx.Request:
    left = seconds_left()
    return _client().build_request(
        method,
        target,
        headers={**headers, "Accept-Encoding": ACCEPTED},
        content=content or None,
        timeout=httpx.Timeout(left, connect=min(_CONNECT_SECONDS, left)),
    )


def _unless_too_late(host: str) -> Callable[[str, Mapping[str, object]], None]:
    limit = _not_after.get()

    def look(step: str, _: Mapping[str, object]) -> None:
        if step in _ABOUT_TO_WRITE and time.monotonic() >= limit:
            raise NotSent(f"{host} was not called: the turn for it had passed.")

    return look


def _exchange(request: httpx.Request, largest: int) -> Answer:
    answer = _client().send(request, stream=True)
    try:
        encoding = answer.headers.get("content-encoding", "")
        body = unpacked(answer.iter_raw(), encoding, largest)
    finally:
        answer.close()
    if (heard := _heard.get()) is not None:
        heard.append(Heard(time.time(), answer.headers.get("date", "")))
    return Answer(answer.status_code, dict(answer.headers), body)


def _client() -> httpx.Client:
    """One client a thread, so that connections are used again without any lock."""
    client: httpx.Client | None = getattr(_clients, "client", None)
    if client is None:
        client = _clients.client = httpx.Client(
            follow_redirects=False, trust_env=False, transport=_Transport()
        )
    return client


class _Transport(httpx.HTTPTransport):
    """httpx's own, but for the connections, which it lets nobody choose."""

    def __init__(self) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=_authorities(),
            max_keepalive_connections=8,
            keepalive_expiry=_KEPT_SECONDS,
            network_backend=InTime(),
        )


def get_ready() -> None:
    """Do now what the first call of this process would wait for: nothing is sent to anybody."""
    with socket.socket() as nobody, suppress(httpx.HTTPError):
        nobody.bind(("127.0.0.1", 0))
        _client().get(f"http://127.0.0.1:{nobody.getsockname()[1]}", timeout=_CONNECT_SECONDS)


@cache
def _authorities() -> ssl.SSLContext:
    """Whose certificates count: read once, since that takes longer than many a call."""
    return httpx.create_ssl_context(trust_env=False)


def _resolved(url: str, trusted_hosts: frozenset[str]) -> tuple[httpx.URL, str]:
    """The URL with its host resolved to one allowed address, and what to call the host.

    Raises NotSent when the name is unknown or leads where nobody may be sent.
    """
    try:
        return _led_to(url, trusted_hosts)
    except (ValueError, httpx.InvalidURL) as error:
        raise NotSent(f"{_shown(url)!r} is not a web address.") from error


def _led_to(url: str, trusted_hosts: frozenset[str]) -> tuple[httpx.URL, str]:
    parts = urlsplit(url)
    name = parts.hostname or ""
    host = (
        name
        if parts.port in (None, 443 if parts.scheme == "https" else 80)
        else f"{name}:{parts.port}"
    )
    if parts.scheme not in ("http", "https") or not name:
        raise ValueError("neither http nor https")
    trusted = name in trusted_hosts or host in trusted_hosts
    if parts.scheme == "http" and not trusted:
        raise NotSent(f"{host} must be called through https.")
    address = _address(name, parts.port or (443 if parts.scheme == "https" else 80))
    if not trusted and not ipaddress.ip_address(address).is_global:
        raise NotSent(
            f"{host} leads to the private address {address}; list it in CROSSDOCK_TRUSTED_HOSTS."
        )
    literal = f"[{address}]" if ":" in address else address
    port = f":{parts.port}" if parts.port else ""
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return httpx.URL(f"{parts.scheme}://{literal}{port}{path}"), host


def _shown(url: str) -> str:
    """The address without what stands behind the question mark: that may be a secret."""
    return url.partition("?")[0]


def _address(name: str, port: int) -> str:
    try:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise Unreachable(f"The name {name} could not be resolved: {error}") from error
    first = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    return str(first[4][0]).partition("%")[0]


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__
