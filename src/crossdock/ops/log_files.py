"""What our processes print, kept in files that never grow without end.

Each process writes into a pipe; one thread of the supervisor reads them all, always, and alone writes and
rotates. A full disk loses lines, and stops nobody.
"""

from __future__ import annotations

import os
import selectors
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

LARGEST = 10 * 1024 * 1024
"""Bytes of a file, before another is begun."""
KEPT = 5
"""Older files that are kept beside it, ``web.log.1`` the newest of them."""
_PIECE = 64 * 1024
_LAST_LINES = 200
_DRAIN_SECONDS = 2.0


class LogFiles:
    """The log files of one folder. Begun by ``start``; ended by ``close`` once the processes have ended."""

    def __init__(self, folder: Path, *, largest: int = LARGEST, kept: int = KEPT) -> None:
        self._folder, self._largest, self._kept = folder, largest, kept
        self._files: dict[str, RotatingFile] = {}
        self._pipes = selectors.DefaultSelector()
        self._wake_read, self._wake_write = os.pipe()
        self._ends = threading.Event()
        self._read_to_its_end = threading.Condition()
        self._thread = threading.Thread(target=self._read_all, name="logs", daemon=True)

    def start(self) -> None:
        """Begin to read. Raises OSError."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._pipes.register(self._wake_read, selectors.EVENT_READ, None)
        self._thread.start()

    @contextmanager
    def pipe(self, name: str) -> Iterator[int]:
        """Where a process of this name is to write: for its start, as ``stdout`` and ``stderr``."""
        file = self._files.setdefault(
            name, RotatingFile(self.path(name), self._largest, self._kept)
        )
        file.last.clear()
        read, write = os.pipe()
        os.set_blocking(read, False)
        try:
            file.pipes += 1
            self._pipes.register(read, selectors.EVENT_READ, file)
            os.write(self._wake_write, b".")
            yield write
        finally:
            os.close(write)

    def path(self, name: str) -> Path:
        """The newest file of a process of this name."""
        return self._folder / f"{name}.log"

    def tail(self, name: str, lines: int = 12, *, ended: bool = False) -> str:
        """The last that a process of this name has said since its start; of one that has ended, also what
        was still on its way."""
        file = self._files.get(name)
        if file is None:
            return ""
        if ended:
            with self._read_to_its_end:
                self._read_to_its_end.wait_for(lambda: not file.pipes, _DRAIN_SECONDS)
        return "\n".join(list(file.last)[-lines:])

    def close(self) -> None:
        """Write what has still come, and end; whoever holds a pipe open is not waited for."""
        self._ends.set()
        os.write(self._wake_write, b".")
        self._thread.join(_DRAIN_SECONDS)
        for file in self._files.values():
            file.end()
            file.close()

    def _read_all(self) -> None:
        while True:
            ready = self._pipes.select(timeout=0 if self._ends.is_set() else None)
            read = [self._read(key.fd, key.data) for key, _ in ready]
            if self._ends.is_set() and not any(read):
                return

    def _read(self, pipe: int, file: RotatingFile | None) -> bool:
        """Whether there was something of a process."""
        try:
            said = os.read(pipe, _PIECE)
        except BlockingIOError:
            return False
        if file is None:
            return False
        if not said:
            self._pipes.unregister(pipe)
            os.close(pipe)
            file.end()
            with self._read_to_its_end:
                file.pipes -= 1
                self._read_to_its_end.notify_all()
            return False
        file.write(said)
        return True


class RotatingFile:
    """A file of whole lines that is put aside when it is full, with a few older ones beside it; written by
    one thread."""

    def __init__(self, path: Path, largest: int, kept: int) -> None:
        self.pipes = 0
        """From so many it is read now."""
        self.last: deque[str] = deque(maxlen=_LAST_LINES)
        """The newest lines, also where they could not be written."""
        self._path, self._largest, self._kept = path, largest, kept
        self._file: BinaryIO | None = None
        self._size = self._lost = 0
        self._begun = b""

    def write(self, said: bytes) -> None:
        """Keep this, line by line: what has no end yet waits for it, if it is not too long."""
        said = self._begun + said
        end = said.rfind(b"\n") + 1
        if len(said) - end > _PIECE:
            end = len(said)
        self._begun = said[end:]
        if end:
            self._keep(said[:end])

    def end(self) -> None:
        """Keep what was said last, though its line has no end: who said it is gone."""
        if self._begun:
            self.write(b"\n")

    def close(self) -> None:
        """Close the file; the next write opens it again."""
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
            self._file = None

    def _keep(self, lines: bytes) -> None:
        """What cannot be written is counted, and told once there is room again."""
        self.last.extend(one.decode(errors="replace") for one in lines.splitlines())
        try:
            if self._lost:
                self._put(f"… {self._lost} bytes could not be written here.\n".encode())
                self._lost = 0
            self._put(lines)
        except OSError:
            self._lost += len(lines)
            self.close()

    def _put(self, lines: bytes) -> None:
        while lines:
            file = self._open()
            end = self._fitting(lines)
            file.write(lines[:end])
            self._size += end
            lines = lines[end:]
            if lines:
                self._rotate()

    def _fitting(self, lines: bytes) -> int:
        """How much of it goes into the open file: whole lines, or a piece of one that no file has room for."""
        room = max(self._largest - self._size, 0)
        if len(lines) <= room:
            return len(lines)
        whole = lines.rfind(b"\n", 0, room) + 1
        return whole if whole or self._size else room

    def _open(self) -> BinaryIO:
        if self._file is None:
            handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            self._file = os.fdopen(handle, "ab", buffering=0)
            self._size = os.fstat(handle).st_size
        return self._file

    def _rotate(self) -> None:
        self.close()
        for number in range(self._kept, 1, -1):
            with suppress(FileNotFoundError):
                self._numbered(number - 1).replace(self._numbered(number))
        self._path.replace(self._numbered(1))

    def _numbered(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}")
