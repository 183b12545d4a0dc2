"""What the proofs play on: a database, the sandbox, a linked company, worker processes, web pages.

Everything is real, and gone afterwards.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.ports import free_port

if TYPE_CHECKING:
    from crossdock.stores.models import Store
    from tests.sandbox.running import RunningSandbox

TIMES = (
    "lease=8,slice=4,ask_first=1,ask_second=3,ask_last=20,heartbeat=1,stalled=4,sweep=1,settle=6"
)
"""Shorter than an installation's, in the same order: calls here take 0.4 s."""
LATENCY_MS = {"lazada": 400, "sqlaccount": 60}


class Broken(Exception):
    """A promise does not hold; the message says which, and how to see it again."""


@contextmanager
def stage(kind: type[Stage] | None = None, *, times: str = TIMES) -> Iterator[Stage]:
    """A database, a sandbox and a linked company, gone afterwards."""
    with empty_stage(times=times) as (sandbox, data):
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0, interactive=False)
        played = (kind or Stage)(sandbox, data)
        try:
            yield played
        finally:
            played.end_workers()


@contextmanager
def empty_stage(*, times: str = TIMES) -> Iterator[tuple[RunningSandbox, Path]]:
    """An empty database, a sandbox, a data folder, and the environment that names them; gone afterwards."""
    from crossdock.ops import embedded
    from crossdock.ops.sandbox import apps_of, environment
    from tests.sandbox.running import start_sandbox

    data = Path(tempfile.mkdtemp(prefix="crossdock-prove-"))
    sandbox = start_sandbox(data=data / "sandbox")
    port = free_port()
    os.environ |= {
        "CROSSDOCK_DATA": str(data),
        "DATABASE_URL": embedded.start(data).url(),
        "DJANGO_SETTINGS_MODULE": "crossdock.settings",
        "CROSSDOCK_WORK_TIMES": times,
        "CROSSDOCK_SQLACCOUNT_PACE": "1000",
        "CROSSDOCK_SANDBOX_URL": f"http://127.0.0.1:{sandbox.base_port}",
        "CROSSDOCK_PORT": str(port),
        "CROSSDOCK_PUBLIC_URL": f"http://localhost:{port}",
        **environment(apps_of(sandbox.identities)),
    }
    try:
        yield sandbox, data
    finally:
        sandbox.close()
        embedded.destroy(data)
        shutil.rmtree(data, ignore_errors=True)


class Stage:
    """What a round plays on."""

    def __init__(self, sandbox: RunningSandbox, data: Path) -> None:
        from crossdock.ops.demo import prepare
        from tests.sandbox.running import CHANNELS, SYSTEMS

        self.sandbox, self.data = sandbox, data
        self.sandbox.unlimited()
        self.company = prepare()
        for channel in CHANNELS:
            self.sandbox.post("/apps", channel=channel, webhook_url=None)
        for system in SYSTEMS:
            self.sandbox.post("/strict", system=system, duplicates="take")
        self.hurry(False)
        self.workers: list[subprocess.Popen[bytes]] = []
        self.begun = 0
        """Workers that were started ever."""

    def hurry(self, fast: bool) -> None:
        """Have the outside systems answer at once, or as slowly as a kill needs to find a call."""
        for system, ms in LATENCY_MS.items():
            self.sandbox.post("/latency", system=system, ms=0 if fast else ms)

    def store(self, shop: str) -> Store:
        """The company's store of one of the sandbox's shops."""
        from crossdock.companies.scope import company_scope
        from crossdock.stores.models import Store
        from tests.sandbox.running import channel_of

        with company_scope(self.company):
            return Store.objects.get(
                channel=channel_of(shop), shop_id=self.sandbox.shop(shop)["shop_id"]
            )

    def worker(self, concurrency: int = 4) -> subprocess.Popen[bytes]:
        """One more worker, with so many threads."""
        log = (self.data / "worker.log").open("ab")
        command = [
            sys.executable,
            "-m",
            "crossdock.cli",
            "worker",
            "--concurrency",
            str(concurrency),
        ]
        started = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        self.workers.append(started)
        self.begun += 1
        return started

    def await_ready(self) -> None:
        """Wait until every worker that was started has begun to work, in both its processes."""
        log, deadline = self.data / "worker.log", time.monotonic() + 60
        while log.read_bytes().count(b"worker ready") < 2 * self.begun:
            if time.monotonic() > deadline:
                raise Broken(f"not every worker is ready; see {log}")
            time.sleep(0.1)
        time.sleep(3.0)

    def start_web(self) -> None:
        """The web process, at CROSSDOCK_PUBLIC_URL; ended with the workers."""
        import httpx

        log = (self.data / "web.log").open("ab")
        command = [
            sys.executable,
            "-m",
            "crossdock.cli",
            "web",
            "--port",
            os.environ["CROSSDOCK_PORT"],
        ]
        self.workers.append(
            subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        )
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                httpx.get(f"{os.environ['CROSSDOCK_PUBLIC_URL']}/healthz", trust_env=False)
                return
            except httpx.HTTPError:
                time.sleep(0.1)
        raise Broken("the web process does not answer")

    def webhooks(self, *, on: bool) -> None:
        """Have the platforms push to our web process, or to nobody."""
        base = os.environ["CROSSDOCK_PUBLIC_URL"]
        for channel in ("lazada", "shopee", "tiktok"):
            url = f"{base}/webhooks/{channel}" if on else None
            self.sandbox.post("/apps", channel=channel, webhook_url=url)

    @staticmethod
    def strike(worker: subprocess.Popen[bytes], number: signal.Signals) -> None:
        """Send a signal to all processes of a worker."""
        os.killpg(worker.pid, number)

    def end_workers(self) -> None:
        """End what still runs."""
        for one in self.workers:
            if one.poll() is None:
                self.strike(one, signal.SIGCONT)
                self.strike(one, signal.SIGKILL)
                one.wait()
        self.workers.clear()

    def states(self, batch: int) -> Counter[str]:
        """How many attempts of a batch are in which state."""
        from crossdock.companies.scope import company_scope
        from crossdock.work.models import Attempt

        with company_scope(self.company):
            return Counter(Attempt.objects.filter(batch_id=batch).values_list("state", flat=True))

    def await_in_flight(self, batch: int, chance: random.Random) -> bool:
        """Wait until a call of this batch is in the air, some way into it; False when all was done before."""
        share = chance.random() * 0.4
        while True:
            states = self.states(batch)
            settled = sum(
                number
                for state, number in states.items()
                if state in ("done", "already", "refused")
            )
            if states["sending"] and settled >= share * states.total():
                return True
            if settled == states.total():
                return False
            time.sleep(0.03)

    def await_settled(self, batch: int, seconds: float = 240.0) -> float:
        """Wait until every attempt has an outcome; how long it took."""
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            states = self.states(batch)
            if states and not {"queued", "sending", "asking", "waiting", "unclear"} & states.keys():
                return time.monotonic() - began
            time.sleep(0.1)
        raise Broken(f"batch {batch} was left unfinished: {dict(self.states(batch))}")
