"""The witness: one row per order touched by every call that could change something."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from typing import Any


class Ledger:
    """Append-only, in the same file as the rest of the state."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db
        self.db.execute(
            "CREATE TABLE IF NOT EXISTS ledger (seq INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT, system TEXT,"
            " method TEXT, path TEXT, order_id TEXT, effect TEXT, accepted INTEGER, answered INTEGER,"
            " error TEXT, document TEXT)"
        )
        self.fresh: list[int] = []
        """Rows written by the call that is running."""

    def record(
        self,
        system: str,
        method: str,
        path: str,
        order_id: str,
        effect: str,
        *,
        accepted: bool,
        error: str = "",
        document: str = "",
    ) -> None:
        """Note that a call touched an order. ``error``: why the system refused."""
        done = self.db.execute(
            "INSERT INTO ledger (at, system, method, path, order_id, effect, accepted, answered, error, document)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?, ?)",
            (
                datetime.now(UTC).isoformat(),
                system,
                method,
                path,
                order_id,
                effect,
                accepted,
                error,
                document,
            ),
        )
        self.fresh.append(int(done.lastrowid or 0))

    def take_fresh(self) -> list[int]:
        """The rows of the call that has just run."""
        fresh, self.fresh = self.fresh, []
        return fresh

    def unanswered(self, rows: list[int]) -> None:
        """Note that the connection was cut before the answer to this call."""
        self.db.executemany(
            "UPDATE ledger SET answered = 0 WHERE seq = ?", [(row,) for row in rows]
        )

    def rows(
        self, *, system: str = "", order: str = "", after_seq: int = 0
    ) -> list[dict[str, Any]]:
        """The rows, oldest first, narrowed down where asked."""
        sql, values = "SELECT * FROM ledger WHERE seq > ?", [str(after_seq)]
        if system:
            sql, values = f"{sql} AND system = ?", [*values, system]
        if order:
            sql, values = f"{sql} AND order_id = ?", [*values, order]
        found = self.db.execute(f"{sql} ORDER BY seq", values)
        names = [column[0] for column in found.description]
        rows = [dict(zip(names, row, strict=True)) for row in found]
        for row in rows:
            row["accepted"], row["answered"] = bool(row["accepted"]), bool(row["answered"])
        return rows
