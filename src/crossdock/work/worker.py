"""The worker: jobs on threads of two processes, recovery beside them. Many may run, on many hosts.

What somebody waits for (scans, clicks, webhooks) has a process of its own. A large batch is mostly
computing, and within one interpreter every step of a scan would wait for it. The second process is a
command of its own, never a fork: what libraries hold in their threads does not survive one.
"""

from __future__ import annotations

import contextlib
import gc
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence

import structlog

from crossdock.work import figures, recover
from crossdock.work.jobs import FAST, SLOW
from crossdock.work.rehearsal import AT_ONCE, rehearse
from crossdock.work.serving import CANNOT_GO_ON, Service, Serving

log = structlog.get_logger(__name__)

_GIVES_WAY = 15
"""How much the process of batches is niced: it uses what the pages and the scans leave."""
_LAST_SECONDS = 30.0


def run(
    second: Sequence[str],
    admit: Callable[[], None],
    *,
    concurrency: int = 8,
    name: str = "worker",
) -> None:
    """Work until SIGINT or SIGTERM, then finish what is running (jobs end within 20 s or so).

    A quarter of the threads, at least one, serves scans, clicks and webhooks, in this process; the
    others serve everything else in a second one (the command ``second``), which gives way to the
    first. The two live and end together. ``admit`` is asked before the first job, when the database
    answers, and raises where this installation must not work. Raises SystemExit with CANNOT_GO_ON when
    one of the two cannot go on.
    """
    _settle()

    def first() -> None:
        admit()
        rehearse()

    figures.keep_writing()
    service = Service((FAST,), reserved_of(concurrency), name, warm=AT_ONCE)
    serving = Serving(service, first=first)
    batches = subprocess.Popen(second, stdin=subprocess.PIPE)
    threading.Thread(target=_give_up_with, args=[batches, serving], daemon=True).start()
    try:
        serving.run()
    finally:
        _end(batches)
    _end_as(serving)


def run_batches(admit: Callable[[], None], *, concurrency: int, name: str) -> None:
    """Work as a worker's second process: until asked, or until the first one is gone."""
    os.nice(_GIVES_WAY)
    _settle()
    threading.Thread(target=_end_with_the_first, daemon=True).start()
    figures.keep_writing()
    stop_recovery = threading.Event()
    recovery = threading.Thread(target=recover.watch, args=[stop_recovery], name="recover")
    recovery.start()
    try:
        others = max(concurrency - reserved_of(concurrency), 1)
        serving = Serving(Service((SLOW,), others, f"{name}-batches"), first=admit)
        serving.run()
    finally:
        stop_recovery.set()
        recovery.join(timeout=_LAST_SECONDS)
    _end_as(serving)


def reserved_of(concurrency: int) -> int:
    """How many of a worker's threads serve what somebody waits for."""
    return max(concurrency // 4, 1)


def _settle() -> None:
    """What is loaded stays for good: no collection of garbage need look at it."""
    gc.collect()
    gc.freeze()


def _give_up_with(batches: subprocess.Popen[bytes], serving: Serving) -> None:
    code = batches.wait()
    if serving.goes_on:
        log.error("the process of the batches ended by itself", code=code)
        serving.give_up()


def _end_as(serving: Serving) -> None:
    """Have whoever started this process start it again, where it could not go on."""
    if serving.given_up:
        sys.exit(CANNOT_GO_ON)


def _end_with_the_first() -> None:
    """End at once when the first process is gone: it holds the other end of our standard input."""
    while os.read(sys.stdin.fileno(), 1):  # a buffer's lock would abort the interpreter at its end
        pass
    os._exit(CANNOT_GO_ON)


def _end(batches: subprocess.Popen[bytes]) -> None:
    batches.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        batches.wait(_LAST_SECONDS)
    batches.kill()
    batches.wait()
