"""Serving queues until somebody asks to stop: a database that goes away and comes back is waited for.

procrastinate's worker ends, and returns as if nothing had happened, when one of its side tasks meets a
dead connection. So it runs in a loop, each time with connections and a number of its own: what the old
number held is put back as a dead worker's is (``recover``).
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast

import psycopg
import structlog
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import DatabaseError, close_old_connections, connections
from django.db.backends.postgresql.base import DatabaseWrapper
from procrastinate.contrib.django import app as configured
from procrastinate.contrib.django.utils import connector_params
from procrastinate.exceptions import ConnectorException
from procrastinate.psycopg_connector import PsycopgConnector

from crossdock.work import memory
from crossdock.work.times import times

log = structlog.get_logger(__name__)

CANNOT_GO_ON = os.EX_TEMPFAIL
"""The exit code that has a supervisor start the worker again."""
_POLL_SECONDS = 1.0
"""A job scheduled for later starts at the next notification or poll."""
_GRACE_SECONDS = 25.0
"""How long jobs may take to end when the serving ends."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 2.0
_IDLE_SECONDS = 5.0
"""A pool closes one connection in so long, while it has more than it needed in that time."""
_MOST_CONNECTIONS = 24
_ANSWER_SECONDS = 5.0
"""How long procrastinate waits for a connection."""
_GIVE_BACK_SECONDS = 5.0
_TURN_SECONDS = 10.0
"""How long a job waits for a connection."""


@dataclass(frozen=True, slots=True)
class Service:
    """What a process serves."""

    queues: tuple[str, ...]
    concurrency: int
    name: str
    warm: int = 1
    """How many connections its threads always find open."""


class Serving:
    """One process's serving, from its first job to its last."""

    def __init__(self, service: Service, *, first: Callable[[], None] = lambda: None) -> None:
        self._service = service
        self._first = first
        """Done once, before the first job, when the database answers; what it raises ends the serving."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._asked = asyncio.Event()
        self._alive = _Alive()
        self.given_up = False
        """Whether it ended though nobody had asked for it."""

    def run(self) -> None:
        """Serve until SIGINT or SIGTERM, or until it is given up, be it because this process has outgrown
        its memory; running jobs are finished.

        Where nothing moves any more, be it that the network keeps silent or that a job does not end, the
        process ends with CANNOT_GO_ON: its jobs are put back, and somebody starts it again.
        """
        memory.refuse_more_than(settings.WORKER_MEMORY)
        _share_connections(self._service.warm)
        threading.Thread(target=self._alive.watch, name="watchdog", daemon=True).start()
        asyncio.run(self._serve())

    @property
    def goes_on(self) -> bool:
        """Whether nobody has asked it to end."""
        return not self._asked.is_set()

    def give_up(self) -> None:
        """Have it end, from any thread, because it cannot go on."""
        if self._loop is None:
            os._exit(CANNOT_GO_ON)
        with suppress(RuntimeError):  # it has ended
            self._loop.call_soon_threadsafe(self._end_unasked)

    def _end_unasked(self) -> None:
        self.given_up = self.given_up or self.goes_on
        self._asked.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        threads = ThreadPoolExecutor(self._service.concurrency + 2, thread_name_prefix="job")
        self._loop.set_default_executor(threads)
        for number in (signal.SIGINT, signal.SIGTERM):
            self._loop.add_signal_handler(number, self._asked.set)
        limit = memory.end_when_outgrown(settings.WORKER_MEMORY, self._end_unasked)
        watching = asyncio.create_task(limit)
        pause = _FIRST_PAUSE
        while self.goes_on:
            try:
                await self._begin()
                pause = _FIRST_PAUSE
                await self._serve_once()
                why = "its connections broke"
            except (psycopg.Error, DatabaseError, ConnectorException) as problem:
                why = str(problem.__cause__ or problem).strip()
            self._alive.sign()
            if self.goes_on:
                log.warning("the database is away; trying again", name=self._service.name, why=why)
                await self._pause(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
        watching.cancel()

    async def _begin(self) -> None:
        """Find the database, and leave dead connections behind. Raises psycopg.Error while it does not
        answer: pools would try for long, with growing gaps."""
        connection = await psycopg.AsyncConnection.connect(**connector_params())
        await connection.close()
        await _give_back()
        await asyncio.to_thread(cast(DatabaseWrapper, connections["default"]).close_pool)
        await asyncio.to_thread(self._first)
        self._first = lambda: None

    async def _serve_once(self) -> None:
        """Serve until asked to stop, or until the database goes away."""
        app = configured.with_connector(_Connector(self._alive))
        async with app.open_async():
            worker = asyncio.create_task(app.run_worker_async(**_options(self._service)))
            asked = asyncio.create_task(self._asked.wait())
            giving_back = asyncio.create_task(_keep_giving_back())
            log.info("worker ready", name=self._service.name, concurrency=self._service.concurrency)
            await asyncio.wait({worker, asked}, return_when=asyncio.FIRST_COMPLETED)
            for task in (asked, giving_back, worker):
                task.cancel()
            with suppress(asyncio.CancelledError):
                await worker

    async def _pause(self, seconds: float) -> None:
        """Sleep, or be asked to stop."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._asked.wait(), seconds)


class _Alive:
    """Ends the process when the serving gives no sign of life for long: neither a heartbeat that was
    written, nor a connection that failed.

    Seconds are counted by ticks, so that a process that was frozen is not taken for a dead one.
    """

    def __init__(self) -> None:
        self.quiet = 0

    def sign(self) -> None:
        """It lives."""
        self.quiet = 0

    def watch(self) -> None:
        """Watch for ever."""
        while self.quiet < times().stuck:
            time.sleep(1.0)
            self.quiet += 1
        log.error("the worker is stuck, and ends", seconds=self.quiet)
        os._exit(CANNOT_GO_ON)


class _Connector(PsycopgConnector):
    """procrastinate's own connections: one is enough for a worker that has little to do."""

    def __init__(self, alive: _Alive) -> None:
        super().__init__(
            kwargs=connector_params(),
            min_size=1,
            max_size=4,
            max_idle=_IDLE_SECONDS,
            timeout=_ANSWER_SECONDS,
        )
        self._alive = alive

    async def execute_query_async(self, query: Any, **arguments: Any) -> None:
        """Heartbeats go this way."""
        await super().execute_query_async(query, **arguments)
        self._alive.sign()


def _share_connections(warm: int) -> None:
    """Let this process's threads share connections, and close those that nobody needs: threads are many,
    and workers too."""
    settings = connections.settings["default"]
    settings["CONN_MAX_AGE"] = 0
    settings["OPTIONS"]["pool"] = {
        "min_size": warm,
        "max_size": _MOST_CONNECTIONS,
        "timeout": _TURN_SECONDS,
        "max_idle": _IDLE_SECONDS,
    }


async def _keep_giving_back() -> None:
    while True:
        await asyncio.sleep(_GIVE_BACK_SECONDS)
        await _give_back()


async def _give_back() -> None:
    """Give back the connection on which procrastinate writes what the calendar orders: it would keep it
    for good, also when it is dead."""
    await sync_to_async(close_old_connections)()


def _options(service: Service) -> dict[str, Any]:
    return {
        "queues": list(service.queues),
        "concurrency": service.concurrency,
        "name": service.name,
        "wait": True,
        "fetch_job_polling_interval": _POLL_SECONDS,
        "delete_jobs": "successful",
        "install_signal_handlers": False,
        "update_heartbeat_interval": times().heartbeat,
        "stalled_worker_timeout": times().stalled,
        "shutdown_graceful_timeout": _GRACE_SECONDS,
    }
