"""Five ports in one process and one event loop, on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket

import uvicorn
from starlette.types import ASGIApp

from crossdock_sandbox.control.books import ChannelBook
from crossdock_sandbox.control.face import Control
from crossdock_sandbox.control.face import build as build_control
from crossdock_sandbox.delivery import Delivery
from crossdock_sandbox.lazada.book import Book
from crossdock_sandbox.lazada.face import build as build_lazada
from crossdock_sandbox.lazada.webhooks import Webhooks as LazadaWebhooks
from crossdock_sandbox.shopee.book import open_book as open_shopee
from crossdock_sandbox.shopee.face import build as build_shopee
from crossdock_sandbox.shopee.webhooks import Webhooks as ShopeeWebhooks
from crossdock_sandbox.sqlaccount.face import build as build_sqlaccount
from crossdock_sandbox.sqlaccount.office import Office
from crossdock_sandbox.stand import Stand
from crossdock_sandbox.tiktok.book import open_book as open_tiktok
from crossdock_sandbox.tiktok.face import build as build_tiktok
from crossdock_sandbox.tiktok.webhooks import Webhooks as TikTokWebhooks
from crossdock_sandbox.wrap import DroppableProtocol, Wrapped

_HOSTS = ("127.0.0.1", "::1")


class PortTaken(Exception):
    """A port is in use; the message names it."""


def serve(stand: Stand, orders: int, on_ready: str) -> None:
    """Serve until SIGINT or SIGTERM. Raises PortTaken before anything is served."""
    sockets = [_listen(stand.base_port + place) for place in range(5)]
    lazada, shopee, tiktok = Book(stand), open_shopee(stand), open_tiktok(stand)
    books: dict[str, ChannelBook] = {"lazada": lazada, "shopee": shopee, "tiktok": tiktok}
    office = Office(stand)
    delivery = Delivery(stand.faults)
    LazadaWebhooks(lazada, delivery)
    ShopeeWebhooks(shopee, delivery)
    TikTokWebhooks(tiktok, delivery)
    for book in books.values():
        book.seed(orders)
    faces: list[ASGIApp] = [
        build_control(Control(stand, books, delivery), office),
        *(
            Wrapped(stand, channel, face, book.known_as, book.grants.expire_access)
            for channel, face, book in (
                ("lazada", build_lazada(lazada), lazada),
                ("shopee", build_shopee(shopee), shopee),
                ("tiktok", build_tiktok(tiktok), tiktok),
            )
        ),
        Wrapped(stand, "sqlaccount", build_sqlaccount(stand, office), office.known_as),
    ]
    asyncio.run(_serve(list(zip(faces, sockets, strict=True)), on_ready))


async def _serve(pairs: list[tuple[ASGIApp, list[socket.socket]]], on_ready: str) -> None:
    servers = [_Server(face) for face, _ in pairs]
    loop = asyncio.get_running_loop()
    for stop in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(stop, _stop_all, servers)
    # The control comes last, so that its health says that all are served.
    order = [*range(1, len(pairs)), 0]
    running = []
    for place in order:
        running.append(asyncio.create_task(servers[place].serve(sockets=pairs[place][1])))
        while not servers[place].started and not running[-1].done():
            await asyncio.sleep(0.01)
    print(on_ready, flush=True)  # noqa: T201 - the command line's own output
    await asyncio.gather(*running)


def _stop_all(servers: list[_Server]) -> None:
    for server in servers:
        server.stop()


class _Server(uvicorn.Server):
    """A server that leaves the process's signals to us."""

    def __init__(self, face: ASGIApp) -> None:
        super().__init__(
            uvicorn.Config(
                face, http=DroppableProtocol, log_level="warning", access_log=False, lifespan="off",
                timeout_graceful_shutdown=2,
            )
        )  # fmt: skip

    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]
        """Nothing: see ``_serve``."""
        yield

    def stop(self) -> None:
        """End as soon as the running calls are answered."""
        self.should_exit = True


def _listen(port: int) -> list[socket.socket]:
    """Loopback sockets on this port, IPv6 too where there is any."""
    sockets = []
    for host in _HOSTS:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            # Named as TCP, so that asyncio sends small answers at once: 40 ms a call otherwise.
            listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            listener.bind((host, port))
            listener.listen()  # Linux lets two processes bind the same address until one of them listens.
        except OSError as error:
            if family == socket.AF_INET6:
                continue
            raise PortTaken(
                f"Port {port} is in use ({error.strerror}): choose another base port with --base-port."
            ) from error
        sockets.append(listener)
    return sockets
