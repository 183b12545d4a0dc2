"""The newest release serves on while this checkout's migrations run beneath it, and this checkout goes on from there.

    python -m bench.upgrade [--seconds 25]              about two minutes
    python -m bench.upgrade --from 0.1.0

The release is taken out of the project's own history (releases.toml). Its web pages and its worker run on a
database that its own migrations made, while orders come in by message and by schedule and people pack, scan,
ship, print, post and click. In the middle of it `crossdock migrate` of this checkout runs. Until the end no
page is an error, no job fails, and no process of the release logs a traceback. Then this checkout's web and
worker take its place: every order is as it is out there, and nothing was done twice.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tarfile
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import psycopg

from bench.busy_day import PAGES, BusyDay, all_as_out_there, nothing_twice
from bench.clicking import Somebody
from bench.stage import Broken, Stage, empty_stage

if TYPE_CHECKING:
    from tests.sandbox.running import RunningSandbox

ROOT = Path(__file__).parents[1]
_WEB = "from waitress import serve; from crossdock.wsgi import application as one; serve(one, host='127.0.0.1', port={port}, threads=8)"
"""A release's pages, whichever server it comes with: that one need not be installed here."""
_TIMES = "settle=6,stalled=60"
"""Nobody is killed here, and nobody is to be taken for dead on a busy machine."""
_FAILED = "SELECT task_name, count(*) FROM procrastinate_jobs WHERE status = 'failed' GROUP BY 1"


def main() -> int:
    """Upgrade under load; 0 when every promise held."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=25.0, help="load before, and after")
    parser.add_argument("--from", dest="version", default="", help="the release; the newest")
    options = parser.parse_args()
    releases = tomllib.loads((ROOT / "releases.toml").read_text())
    version = options.version or next(iter(releases))
    with empty_stage(times=_TIMES) as (sandbox, data):
        old = Release(version, data / "release")
        if not old.take_out(releases[version]):
            print(
                f"Cannot be tried here: this checkout's history does not reach back to {version}."
            )
            return 1
        _prove(old, sandbox, data, options.seconds)
    print("Every promise held.", flush=True)
    return 0


def _prove(old: Release, sandbox: RunningSandbox, data: Path, seconds: float) -> None:
    sandbox.unlimited()
    old.run("crossdock.cli", "migrate")
    old.run("django", "collectstatic", "--no-input", "-v", "0")
    old.run("crossdock.cli", "prepare-demo")
    with old.serving(data):
        load = BusyDay(sandbox, apart=True)  # 0.1.0 met a deadlock where both took up one order
        with load.on():
            with load.told(f"{old.version} on its own form"):
                time.sleep(seconds)
            with load.told("crossdock migrate runs"):
                tries = 1 + _ours("migrate").count("a table is in use")
            print(f"the tables were free at try {tries}", flush=True)
            with load.told(f"{old.version} on the new form"):
                time.sleep(seconds)
        time.sleep(5)
    _held(old, load)
    _goes_on(sandbox, data, load)


class Release:
    """An earlier version, taken out of the history."""

    def __init__(self, version: str, folder: Path) -> None:
        self.version, self.folder = version, folder
        self.log = folder / "release.log"

    def take_out(self, commit: str) -> bool:
        """Put its files into our folder; False where the history at hand does not have it."""
        archive = ["git", "archive", "--format=tar", commit, "src", "requirements"]
        told = subprocess.run(archive, cwd=ROOT, capture_output=True, check=False)
        if told.returncode:
            return False
        with tarfile.open(fileobj=BytesIO(told.stdout)) as files:
            files.extractall(self.folder, filter="data")
        return True

    def run(self, *words: str) -> None:
        """One of its commands, to its end."""
        with self.log.open("ab") as log:
            done = subprocess.run(
                [sys.executable, "-m", *words], env=self._environment(), stdout=log, stderr=log, check=False,
            )  # fmt: skip
        if done.returncode:
            raise Broken(
                f"{self.version}: {' '.join(words)} failed:\n{self.log.read_text()[-3000:]}"
            )

    @contextmanager
    def serving(self, data: Path) -> Iterator[None]:
        """Its web pages and one worker; asked to stop at the end."""
        port = os.environ["CROSSDOCK_PORT"]
        web = [sys.executable, "-c", _WEB.format(port=port)]
        worker = [sys.executable, "-m", "crossdock.cli", "worker"]
        with self.log.open("ab") as log:
            running = [
                subprocess.Popen(one, env=self._environment(), stdout=log, stderr=log, cwd=data)
                for one in (web, worker)
            ]
            try:
                self._await_pages()
                yield
            finally:
                codes = [one.poll() for one in running]
                for one in running:
                    one.send_signal(signal.SIGTERM)
                for one in running:
                    one.wait(60)
        if any(code is not None for code in codes):
            raise Broken(f"{self.version}: web and worker ended by themselves, with {codes}")

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "PYTHONPATH": str(self.folder / "src")}

    def _await_pages(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                httpx.get(f"{os.environ['CROSSDOCK_PUBLIC_URL']}/healthz", trust_env=False)
                return
            except httpx.HTTPError:
                time.sleep(0.2)
        raise Broken(f"{self.version}: its pages never came:\n{self.log.read_text()[-3000:]}")


class After(Stage):
    """What this checkout finds, and goes on with."""

    def __init__(self, sandbox: RunningSandbox, data: Path) -> None:
        from crossdock.companies.models import Company

        self.sandbox, self.data = sandbox, data
        self.company = Company.objects.get(slug="demo")
        self.workers, self.begun = [], 0


def _ours(*words: str) -> str:
    """One of this checkout's commands, to its end; what it printed."""
    command = [sys.executable, "-m", "crossdock.cli", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Broken(f"crossdock {' '.join(words)} failed:\n{done.stdout[-2000:]}{done.stderr}")
    return done.stdout + done.stderr


def _held(old: Release, load: BusyDay) -> None:
    """Raises Broken unless the release served on without an error."""
    log = old.log.read_text(errors="replace")
    where = "\n".join(f"Traceback{one[:4000]}" for one in log.split("Traceback")[1:3])
    if broken := load.answers.broken:
        raise Broken(f"{len(broken)} error pages:\n" + "\n".join([*broken[:10], where]))
    if where:
        raise Broken(f"{log.count('Traceback')} tracebacks of {old.version}:\n{where}")
    with psycopg.connect(os.environ["DATABASE_URL"]) as database:
        failed = database.execute(_FAILED).fetchall()
    if failed:
        raise Broken(f"jobs failed: {failed}")
    least = ("orders", "events", "pack", "ship", "print_awb", "post", "scan ready")
    if idle := [what for what in least if not load.done[what]]:
        raise Broken(f"the load never came to: {', '.join(idle)}")


def _goes_on(sandbox: RunningSandbox, data: Path, load: BusyDay) -> None:
    """Start this checkout on it, and compare with what is true. Raises Broken."""
    import django

    django.setup()
    played = After(sandbox, data)
    try:
        played.start_web()
        played.worker()
        played.await_ready()
        took = all_as_out_there(played, load.made, 120)
        somebody = Somebody(os.environ["CROSSDOCK_PUBLIC_URL"], "owner@demo.test", load.answers)
        for page in PAGES:
            somebody.open(f"/c/demo/{page}")
        nothing_twice(sandbox)
    finally:
        played.end_workers()
    if load.answers.broken:
        raise Broken("error pages afterwards:\n" + "\n".join(load.answers.broken))
    print(
        f"this checkout: {len(load.made)} orders as they are out there {took:.0f} s after its "
        "start, nothing done twice",
        flush=True,
    )


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
