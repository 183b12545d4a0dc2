"""Do people wait for strangers? The orders page and the probe, without them and with them, through real HTTP.

    python -m bench.strangers                 a book of 10,000 orders, a minute of each crowd
    python -m bench.strangers --seconds 10

Fails where p95 with a crowd is over 1.5 times that without one. Both are measured in turns, since another
process on the machine would else be taken for the crowd.
"""

from __future__ import annotations

import argparse
import http.client
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from bench.pages import ROOT, book, quantile
from bench.pages_of_one import _client

_WORST = 1.5
_PAGES = {"/healthz": 8, "/c/acme/orders/?tab=to-process": 2}
"""Path → how often in a turn."""
_TURN_SECONDS = 2.0


def main() -> int:
    """Measure every crowd; 0 when nobody waits for any."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--orders", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--keep", type=Path, help="a folder in which the book stays")
    options = parser.parse_args()
    broken = 0
    with book(options.orders, options.keep) as url, closing(_client(url)) as client:
        cookie = "; ".join(f"{one.name}={one.value}" for one in client.cookies.jar)
        address = (str(urlsplit(url).hostname), int(urlsplit(url).port or 80))
        for name, crowd in CROWDS.items():
            broken += _compare(name, crowd, address, cookie, options.seconds)
    print("Nobody waits for strangers." if not broken else f"{broken} promises are broken.")
    return 1 if broken else 0


Address = tuple[str, int]
Crowd = Callable[[Address, str], "Iterator[socket.socket]"]


def half_sent(address: Address, cookie: str) -> Iterator[socket.socket]:
    """40 webhooks and 20 logins whose bodies do not come."""
    del cookie
    for path, kind in [("/webhooks/lazada", "application/json")] * 40 + [
        ("/accounts/login/", "multipart/form-data; boundary=x")
    ] * 20:
        met = socket.create_connection(address)
        met.sendall(
            f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\n"
            "Content-Length: 1000\r\n\r\n-".encode()
        )
        yield met


def dripping(address: Address, cookie: str) -> Iterator[socket.socket]:
    """300 connections that send a byte now and then."""
    del cookie
    for _ in range(300):
        met = socket.create_connection(address)
        met.sendall(b"POST /webhooks/lazada HTTP/1.1\r\n")
        yield met


def not_reading(address: Address, cookie: str) -> Iterator[socket.socket]:
    """20 who ask for a paper of 30 MB and do not read it."""
    path = _large_paper()
    for _ in range(20):
        met = socket.create_connection(address)
        met.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n".encode())
        yield met


@cache
def _large_paper() -> str:
    """The address of one, in the company of the book."""
    from django.conf import settings
    from django.utils import timezone

    from crossdock.companies.models import Company
    from crossdock.companies.scope import company_scope
    from crossdock.papers.models import Kind, Paper, Size

    file = Path(settings.MEDIA_ROOT) / "papers/large.pdf"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(bytes(30 * 1024 * 1024))
    company = Company.objects.get(slug="acme")
    person = company.memberships.select_related("person")[0].person
    with company_scope(company):
        paper, _ = Paper.objects.get_or_create(
            company=company, form_key="large",
            defaults={"kind": Kind.PICKING_LIST.value, "number": 99_999, "person": person, "size": Size.A4.value},
        )  # fmt: skip
        Paper.objects.filter(pk=paper.pk).update(file="papers/large.pdf", made_at=timezone.now())
    return f"/c/acme/papers/made/{paper.pk}.pdf"


CROWDS: dict[str, Crowd] = {
    "40 half-sent webhooks, 20 half-sent logins": half_sent,
    "300 that drip": dripping,
    "20 who do not read": not_reading,
}


def _compare(name: str, crowd: Crowd, address: Address, cookie: str, seconds: float) -> int:
    found: dict[tuple[str, bool], list[float]] = {}
    until = time.monotonic() + 2 * seconds
    crowded = False
    while time.monotonic() < until:
        with _crowd(crowd, address, cookie) if crowded else ExitStack():
            turn_ends = time.monotonic() + _TURN_SECONDS
            while time.monotonic() < turn_ends:
                for path, times in _PAGES.items():
                    for _ in range(times):
                        found.setdefault((path, crowded), []).append(_ask(address, path, cookie))
        crowded = not crowded
    broken = 0
    print(name)
    for path in _PAGES:
        alone, among = (quantile(found[path, one], 0.95) for one in (False, True))
        print(f"  {path}: p95 {alone:.1f} ms alone, {among:.1f} ms among them")
        broken += among > alone * _WORST
    return broken


@contextmanager
def _crowd(crowd: Crowd, address: Address, cookie: str) -> Iterator[None]:
    with ExitStack() as held:
        people = [held.enter_context(met) for met in crowd(address, cookie)]
        over = threading.Event()
        drip = threading.Thread(target=_drip, args=[people, over])
        if crowd is dripping:
            drip.start()
        try:
            yield
        finally:
            over.set()
            if crowd is dripping:
                drip.join()


def _drip(people: list[socket.socket], over: threading.Event) -> None:
    """A byte of each every five seconds."""
    while not over.is_set():
        for met in people:
            met.send(b"A")
            if over.wait(5 / len(people)):
                return


def _ask(address: Address, path: str, cookie: str) -> float:
    """Milliseconds of one page, on a connection of its own."""
    began = time.perf_counter()
    line = http.client.HTTPConnection(*address)
    line.request("GET", path, headers={"Cookie": cookie, "Host": "localhost"})
    answer = line.getresponse()
    answer.read()
    line.close()
    if answer.status != 200:
        raise RuntimeError(f"{path} answered {answer.status}")
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
