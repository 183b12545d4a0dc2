"""A wire between a worker and its database that tests can cut, and hold still."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.ports import free_port


class Wire:
    """Listens on a loopback port and passes everything on to the server's own socket."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._moves = threading.Event()
        self._moves.set()
        self._door: socket.socket | None = None
        self.port = free_port()

    def open(self) -> None:
        """Let connections in."""
        self._door = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, args=[self._door], daemon=True).start()

    def close(self) -> None:
        """Let nobody in any more."""
        if self._door is not None:
            self._door.close()
        self._moves.set()

    @contextmanager
    def still(self) -> Iterator[None]:
        """Nothing moves, and nobody is told: as when a firewall forgot a connection."""
        self._moves.clear()
        try:
            yield
        finally:
            self._moves.set()

    def _accept(self, door: socket.socket) -> None:
        while True:
            try:
                near, _ = door.accept()
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX)
            far.connect(self._server)
            for source, target in ((near, far), (far, near)):
                threading.Thread(target=self._pass_on, args=[source, target], daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while piece := source.recv(65536):
                self._moves.wait()
                target.sendall(piece)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
