"""What a running installation takes: memory, open files, threads, connections, the queue, and its tables' sizes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg

KINDS: Mapping[str, Sequence[str]] = {
    "attempts": ("work_attempt",),
    "history": ("orders_history",),
    "raw JSON": ("orders_raworder",),
    "order, lines, packages, returns": (
        "orders_order", "orders_line", "orders_package", "orders_return", "orders_formernumber",
        "orders_deliverytry",
    ),
    "scans, batches, invoices": (
        "scanning_scan", "scanning_verification", "scanning_verificationscan", "work_batch",
        "posting_postedinvoice", "posting_postedcreditnote", "posting_ordersettlement",
    ),
    "papers": ("papers_paper", "papers_labelopening", "papers_manifest", "papers_manifestparcel"),
    "webhook messages": ("sync_message",),
    "counters": ("sync_counter",),
}  # fmt: skip
"""What grows with the orders, and the tables that hold it."""
_EVERY = 5.0
_MB = 1024.0
_ASKED = """
SELECT (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),
       (SELECT count(*) FROM procrastinate_jobs
        WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now()))
"""


@dataclass(frozen=True)
class Process:
    """A process at one moment."""

    megabytes: float
    files: int
    threads: int


@dataclass(frozen=True)
class Sample:
    """All of them at one moment, in seconds since the first."""

    at: float
    processes: Mapping[str, Process]
    connections: int
    due: int


@contextmanager
def watched(pids: Mapping[str, int], url: str) -> Iterator[list[Sample]]:
    """Samples of these processes and of the database, taken until the block ends."""
    over, samples = threading.Event(), list[Sample]()

    def watch() -> None:
        began = time.monotonic()
        with psycopg.connect(url, autocommit=True) as database:
            while not over.wait(_EVERY):
                row = database.execute(_ASKED).fetchone() or (0, 0)
                with suppress(OSError):
                    looked = {name: look_at(pid) for name, pid in pids.items()}
                    samples.append(Sample(time.monotonic() - began, looked, row[0] - 1, row[1]))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield samples
    finally:
        over.set()
        thread.join()


def look_at(pid: int) -> Process:
    """What a process takes. Raises OSError once it is gone."""
    told = Path(f"/proc/{pid}/smaps_rollup").read_text()
    (kilobytes,) = [int(line.split()[1]) for line in told.splitlines() if line.startswith("Pss:")]
    files = len(list(Path(f"/proc/{pid}/fd").iterdir()))
    threads = len(list(Path(f"/proc/{pid}/task").iterdir()))
    return Process(kilobytes / _MB, files, threads)


def children_of(pid: int) -> list[int]:
    """The processes that a process started."""
    found = []
    for thread in Path(f"/proc/{pid}/task").iterdir():
        found += [int(one) for one in (thread / "children").read_text().split()]
    return found


def slope(samples: Sequence[Sample], of: Callable[[Sample], float]) -> float:
    """By how much a figure grows in an hour: the line that lies closest to all samples."""
    middle = sum(one.at for one in samples) / len(samples)
    level = sum(map(of, samples)) / len(samples)
    spread = sum((one.at - middle) ** 2 for one in samples)
    return sum((one.at - middle) * (of(one) - level) for one in samples) / spread * 3600


def sizes(url: str) -> dict[str, tuple[int, int]]:
    """Kind → bytes with indexes, and rows."""
    told = {}
    with psycopg.connect(url, autocommit=True) as database:
        for kind, tables in KINDS.items():
            taken = rows = 0
            for table in tables:
                asked = f"SELECT pg_total_relation_size('{table}'), (SELECT count(*) FROM {table})"  # noqa: S608 - ours
                size, number = database.execute(asked.encode()).fetchone() or (0, 0)
                taken, rows = taken + size, rows + number
            told[kind] = taken, rows
    return told


def due_jobs(url: str) -> str:
    """Which jobs wait most, in words."""
    with psycopg.connect(url) as database:
        rows = database.execute(
            "SELECT task_name, count(*) FROM procrastinate_jobs WHERE status = 'todo' GROUP BY 1 ORDER BY 2 DESC LIMIT 4"
        ).fetchall()
    return ", ".join(f"{number} × {name}" for name, number in rows) or "none"


def packed(url: str) -> None:
    """Have the tables that removals leave holes in written anew, without them."""
    with psycopg.connect(url, autocommit=True) as database:
        for table in (*KINDS["attempts"], *KINDS["raw JSON"], "scanning_scan"):
            database.execute(f"VACUUM FULL {table}".encode())
