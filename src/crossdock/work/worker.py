"""The worker process: jobs on threads, recovery beside them. Many may run, on many hosts."""

from __future__ import annotations

import asyncio
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import structlog
from procrastinate.contrib.django import app as configured

from crossdock.work import recover
from crossdock.work.jobs import FAST
from crossdock.work.times import times

log = structlog.get_logger(__name__)

_POLL_SECONDS = 1.0
"""A job scheduled for later starts at the next notification or poll."""


def run(*, concurrency: int = 8, name: str = "worker") -> None:
    """Work until SIGINT or SIGTERM, then finish what is running (jobs end within 20 s or so).

    A quarter of the threads, at least one, serves scans, clicks and webhooks only.
    """
    asyncio.run(_run(max(concurrency, 2), name))


async def _run(concurrency: int, name: str) -> None:
    stop_recovery = threading.Event()
    recovery = threading.Thread(target=recover.watch, args=[stop_recovery], name="recover")
    recovery.start()
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(concurrency + 2, thread_name_prefix="job"))
    reserved = max(concurrency // 4, 1)
    app = configured.with_connector(configured.connector.get_worker_connector())  # type: ignore[attr-defined]
    try:
        async with app.open_async():
            shares = (([FAST], reserved), (None, concurrency - reserved))
            workers = [
                asyncio.create_task(app.run_worker_async(**_options(queues, share, name)))
                for queues, share in shares
            ]
            for stop in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(stop, lambda: [worker.cancel() for worker in workers])
            log.info("worker ready", name=name, concurrency=concurrency)
            await asyncio.gather(*workers, return_exceptions=True)
    finally:
        stop_recovery.set()
        recovery.join(timeout=30)


def _options(queues: list[str] | None, share: int, name: str) -> dict[str, Any]:
    return {
        "queues": queues,
        "concurrency": share,
        "name": f"{name}-fast" if queues else name,
        "wait": True,
        "fetch_job_polling_interval": _POLL_SECONDS,
        "delete_jobs": "successful",
        "install_signal_handlers": False,
        "update_heartbeat_interval": times().heartbeat,
        "stalled_worker_timeout": times().stalled,
        "shutdown_graceful_timeout": 25.0,
    }
