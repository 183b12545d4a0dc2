"""The worker: jobs on threads of two processes, recovery beside them. Many may run, on many hosts.

What somebody waits for (scans, clicks, webhooks) has a process of its own. A large batch is mostly
computing, and within one interpreter every step of a scan would wait for it.
"""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.process import BaseProcess
from typing import Any

import structlog
from procrastinate.contrib.django import app as configured

from crossdock.work import recover
from crossdock.work.jobs import FAST, SLOW
from crossdock.work.rehearsal import rehearse
from crossdock.work.times import times

log = structlog.get_logger(__name__)

_POLL_SECONDS = 1.0
"""A job scheduled for later starts at the next notification or poll."""
_GIVES_WAY = 15
"""How much the process of batches is niced: it uses what the pages and the scans leave."""


def run(*, concurrency: int = 8, name: str = "worker") -> None:
    """Work until SIGINT or SIGTERM, then finish what is running (jobs end within 20 s or so).

    A quarter of the threads, at least one, serves scans, clicks and webhooks, in this process; the
    others serve everything else in a second one, which gives way to the first. The two live and end
    together. Raises SystemExit when the second one ends by itself.
    """
    gc.collect()
    gc.freeze()
    reserved = max(concurrency // 4, 1)
    batches = multiprocessing.get_context("fork").Process(
        target=_serve_batches, args=[max(concurrency - reserved, 1), f"{name}-batches"]
    )
    batches.start()
    rehearse()
    asyncio.run(
        _serve([FAST], reserved, name, on_stop=batches.terminate, ends_with=batches.sentinel)
    )
    batches.join()
    if batches.exitcode not in (0, -signal.SIGTERM):
        sys.exit(f"The process of the batches ended by itself ({batches.exitcode}).")


def _serve_batches(concurrency: int, name: str) -> None:
    os.nice(_GIVES_WAY)
    threading.Thread(target=_end_with, args=[multiprocessing.parent_process()], daemon=True).start()
    stop_recovery = threading.Event()
    recovery = threading.Thread(target=recover.watch, args=[stop_recovery], name="recover")
    recovery.start()
    try:
        asyncio.run(_serve([SLOW], concurrency, name))
    finally:
        stop_recovery.set()
        recovery.join(timeout=30)


def _end_with(other: BaseProcess) -> None:
    """End at once when the other process is gone: it was killed, and so are we."""
    other.join()
    os._exit(1)


async def _serve(
    queues: Sequence[str],
    concurrency: int,
    name: str,
    *,
    on_stop: Callable[[], None] = lambda: None,
    ends_with: int | None = None,
) -> None:
    """Serve these queues until SIGINT or SIGTERM, or until a process ends (its sentinel)."""
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(concurrency + 2, thread_name_prefix="job"))
    app = configured.with_connector(configured.connector.get_worker_connector())  # type: ignore[attr-defined]
    async with app.open_async():
        worker = asyncio.create_task(
            app.run_worker_async(**_options(list(queues), concurrency, name))
        )
        stopping = False

        def stop() -> None:
            nonlocal stopping
            if ends_with is not None:
                loop.remove_reader(ends_with)
            if not stopping:
                stopping = True
                on_stop()
                worker.cancel()

        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop)
        if ends_with is not None:
            loop.add_reader(ends_with, stop)
        log.info("worker ready", name=name, concurrency=concurrency)
        await asyncio.gather(worker, return_exceptions=True)


def _options(queues: list[str], concurrency: int, name: str) -> dict[str, Any]:
    return {
        "queues": queues,
        "concurrency": concurrency,
        "name": name,
        "wait": True,
        "fetch_job_polling_interval": _POLL_SECONDS,
        "delete_jobs": "successful",
        "install_signal_handlers": False,
        "update_heartbeat_interval": times().heartbeat,
        "stalled_worker_timeout": times().stalled,
        "shutdown_graceful_timeout": 25.0,
    }
