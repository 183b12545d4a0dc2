"""What ``crossdock up``, ``web`` and ``demo`` do."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import click
import httpx
from django.db import DatabaseError

from crossdock.configuration import BadSetting, read, unusable
from crossdock.ops import embedded, sandbox
from crossdock.ops.daily_backup import keep_backups
from crossdock.ops.holding import hold
from crossdock.ops.ports import apart_or_exit, free_or_exit
from crossdock.ops.processes import AskedToStop, Command, StartFailed, python
from crossdock.ops.supervisor import Supervisor
from crossdock.ops.telling import tell
from crossdock.ui.away import is_away

_DEMO_LOGINS = "owner@demo.test, manager@demo.test, packer@demo.test or books@demo.test, password crossdock-demo"
_SANDBOX_PORTS = 5
_TRY_AGAIN_SECONDS = 2.0
_LEFT_SECONDS = 10.0
"""How long the processes of a killed supervisor may keep its port."""


def run_up(host: str, workers: int) -> int:
    """Run database, web and workers until stopped; the exit code."""
    config = read()

    def begin(supervisor: Supervisor, patience: float) -> None:
        free_or_exit(config.web_port, "the web pages", "--port", host=host, patience=patience)
        _serve(supervisor, host, config.web_port, workers)
        keep_backups(supervisor.stopping)

    return _supervised(config.data_dir, "up", config.web_port, begin)


def run_demo(port: int, sandbox_port: int) -> int:
    """Run the demo until stopped; the exit code. Raises StartFailed where the sandbox cannot run here."""
    sandbox.require_packages()
    data = Path(os.environ["CROSSDOCK_DATA"])
    os.environ.pop("DATABASE_URL", None)

    def begin(supervisor: Supervisor, patience: float) -> None:
        _free_ports_of_the_demo(port, sandbox_port, patience)
        tell("Starting the sandbox …")
        control = f"http://127.0.0.1:{sandbox_port}"
        played = python(
            "-m", "crossdock_sandbox", "--base-port", str(sandbox_port), "--data", str(data / "sandbox"),
            env=os.environ,
        )  # fmt: skip
        supervisor.start("sandbox", lambda: played, _answers(f"{control}/health"))
        os.environ |= _demo_environment(control, port)
        _serve(supervisor, "127.0.0.1", port, workers=1)

    return _supervised(data, "demo", port, begin)


def prepare_web(host: str) -> None:
    """Wait for the database, refuse what must not be served, and make what pages need.

    Raises StartFailed, BadSetting.
    """
    from crossdock.ops import check, static_files
    from crossdock.ops.moved import look_whether_it_was_moved

    while True:
        try:
            why = check.why_unsafe(host)
            break
        except DatabaseError as problem:
            if not is_away(problem):
                raise
            click.echo("The database does not answer yet; trying again …", err=True)
            time.sleep(_TRY_AGAIN_SECONDS)
    if why:
        raise StartFailed(why)
    look_whether_it_was_moved()
    try:
        static_files.make()
    except OSError as problem:
        raise BadSetting(unusable(read().data_dir, problem)) from None


def serve_web(host: str) -> None:
    """Serve this installation's pages here until told to end. Raises ClickException where nobody may listen."""
    from crossdock.ops.web.serve import serve
    from crossdock.work import figures
    from crossdock.wsgi import application

    figures.keep_writing()

    port = read().web_port
    try:
        serve(application, host, port)
    except OSError as error:
        raise click.ClickException(
            f"The web pages cannot be served at {host}, port {port}: {error.strerror}. "
            "Choose another with --host and --port."
        ) from error


def _supervised(
    data_dir: Path, command: str, port: int, begin: Callable[[Supervisor, float], None]
) -> int:
    """Hold the data folder, begin, and keep all running until asked to stop; the exit code."""
    try:
        with (
            hold(data_dir, command, port) as left_behind,
            Supervisor(data_dir / "logs") as supervisor,
        ):
            begin(supervisor, _LEFT_SECONDS if left_behind else 0.0)
            supervisor.watch()
    except AskedToStop:
        tell("Stopped.")
    except StartFailed as failure:
        tell(_in_short(str(failure), data_dir), err=True)
        return 1
    except OSError as problem:
        tell(unusable(data_dir, problem), err=True)
        return 1
    return 0


def _in_short(why: str, data_dir: Path) -> str:
    """A full disk shows in many words, all over the house."""
    full = os.strerror(errno.ENOSPC)
    return (
        f"No room is left where {data_dir} lies ({full}): free some, and start again."
        if full in why
        else why
    )


def _serve(supervisor: Supervisor, host: str, port: int, workers: int) -> None:
    """Start database, web and workers, and say that they are ready."""
    config = read()
    if config.embedded_database:
        tell("Starting the database …")
        _start_database(supervisor, config.data_dir)
    tell("Bringing the database up to date …")
    supervisor.run("migrate", _crossdock("migrate"))
    told = ""
    if config.demo:
        tell("Preparing the demo company …")
        supervisor.run("prepare-demo", _crossdock("prepare-demo"))
    else:
        told = supervisor.run("the safety check", _crossdock("refuse-unsafe", "--host", host))
    supervisor.start("web", partial(_crossdock, "web", "--port", str(port), "--host", host))
    for number in range(1, workers + 1):
        name = f"worker-{number}"
        supervisor.start(name, partial(_crossdock, "worker", "--name", name))
    near = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104 - compared
    supervisor.await_ready("web", _answers(f"http://{near}:{port}/healthz"), seconds=120.0)
    if told:
        tell(told)
    tell(f"Crossdock is ready: {config.public_url}")
    if config.demo:
        tell(f"Log in as {_DEMO_LOGINS}")


def _free_ports_of_the_demo(port: int, sandbox_port: int, patience: float) -> None:
    """Raises StartFailed where one of them cannot be used."""
    apart_or_exit(port, sandbox_port, _SANDBOX_PORTS)
    for place in range(_SANDBOX_PORTS):
        option = "SANDBOX_PORT= (or --sandbox-port)"
        free_or_exit(sandbox_port + place, "the sandbox", option, patience=patience)
    free_or_exit(port, "the web pages", "PORT= (or --port)", patience=patience)


def _start_database(supervisor: Supervisor, data_dir: Path) -> None:
    server = embedded.prepare(data_dir, asked=supervisor.stopping)
    embedded.stop_server(server)  # one that outlived its supervisor
    supervisor.afterwards.callback(embedded.tidy_up, data_dir, server)
    supervisor.start(
        "database",
        server.command,
        server.answers,
        seconds=embedded.START_SECONDS,
        again_on=embedded.STILL_IN_USE,
    )
    embedded.make_database(server)


def _crossdock(*arguments: str) -> Command:
    return python("-m", "crossdock.cli", *arguments, env=os.environ)


def _answers(url: str) -> Callable[[], bool]:
    """Whether this address is served."""

    def ask() -> bool:
        try:
            asked = httpx.get(url, headers={"Host": "localhost"}, timeout=1, trust_env=False)
            return asked.status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    return ask


def _demo_environment(control: str, port: int) -> dict[str, str]:
    """The installation's settings for a demo: apps and addresses as the sandbox tells them."""
    known = (
        httpx.get(f"{control}/identities", timeout=10, trust_env=False).raise_for_status().json()
    )
    return {
        "CROSSDOCK_DEMO": "1",
        "CROSSDOCK_PUBLIC_URL": f"http://localhost:{port}",
        "CROSSDOCK_SANDBOX_URL": control,
        **sandbox.environment(sandbox.apps_of(known)),
    }
