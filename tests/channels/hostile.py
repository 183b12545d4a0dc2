"""A server that answers every request with the bytes it was given, as slowly as it was told."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Say = Callable[[socket.socket], None]


@dataclass
class Other:
    """The server: where it is, and the requests that came, as they came."""

    url: str
    asked: list[bytes] = field(default_factory=list)


@contextmanager
def answering(say: Say) -> Iterator[Other]:
    """Such a server. ``say`` writes the whole answer, head and all, once a request's head has come."""
    listener = socket.create_server(("127.0.0.1", 0))
    other = Other(f"http://127.0.0.1:{listener.getsockname()[1]}/")
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            with suppress(OSError):
                met, _ = listener.accept()
                threading.Thread(target=_answer, args=[met, say, other], daemon=True).start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield other
    finally:
        over.set()
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def head(length: int | None, encoding: str = "") -> bytes:
    """The head of a good answer; ``length`` None: it comes in chunks."""
    framing = f"Content-Length: {length}" if length is not None else "Transfer-Encoding: chunked"
    packed = f"Content-Encoding: {encoding}\r\n" if encoding else ""
    return f"HTTP/1.1 200 OK\r\n{packed}{framing}\r\nConnection: close\r\n\r\n".encode()


def chunked(parts: list[bytes]) -> bytes:
    """A body in chunks of just these parts."""
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts if part) + b"0\r\n\r\n"


def whole(body: bytes, encoding: str = "") -> Say:
    """This body, at once."""
    return lambda met: met.sendall(head(len(body), encoding) + body)


def dripping(said: bytes, *, every: float) -> Say:
    """These bytes one by one."""

    def say(met: socket.socket) -> None:
        for byte in said:
            met.sendall(bytes([byte]))
            time.sleep(every)

    return say


def silent(met: socket.socket) -> None:
    """Nothing, until the other side has had enough."""
    with suppress(OSError):
        met.recv(1)


def _answer(met: socket.socket, say: Say, other: Other) -> None:
    with met, suppress(OSError):
        request = b""
        while b"\r\n\r\n" not in request:
            part = met.recv(65536)
            if not part:
                return
            request += part
        other.asked.append(request)
        say(met)
