"""What ``crossdock up``, ``web`` and ``demo`` do."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import click
import httpx

from crossdock.configuration import read
from crossdock.ops import embedded, sandbox
from crossdock.ops.supervisor import StartFailed, Supervisor, free_or_exit, python

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_DEMO_LOGINS = "owner@demo.test, manager@demo.test, packer@demo.test or books@demo.test, password crossdock-demo"


def run_up(workers: int) -> int:
    """Run database, web and workers until stopped; the exit code."""
    config = read()
    return _run(config.web_port, workers, demo_logins=False)


def run_demo(port: int, sandbox_port: int) -> int:
    """Run the demo until stopped; the exit code."""
    data = Path(os.environ["CROSSDOCK_DATA"])
    os.environ.pop("DATABASE_URL", None)
    try:
        for place in range(5):
            free_or_exit(sandbox_port + place, "the sandbox", "SANDBOX_PORT= (or --sandbox-port)")
        free_or_exit(port, "the web pages", "PORT= (or --port)")
    except StartFailed as failure:
        click.echo(str(failure), err=True)
        return 1
    with Supervisor(data / "logs") as supervisor:
        try:
            click.echo("Starting the sandbox …")
            supervisor.start(
                "sandbox",
                python(
                    "-m",
                    "crossdock_sandbox",
                    "--base-port",
                    str(sandbox_port),
                    "--data",
                    str(data / "sandbox"),
                ),
                os.environ,
            )
            control = f"http://127.0.0.1:{sandbox_port}"
            supervisor.await_answer("sandbox", f"{control}/health")
            os.environ |= _demo_environment(control, port)
            return _serve(supervisor, port, workers=1, demo_logins=True)
        except (StartFailed, embedded.EmbeddedFailed) as failure:
            click.echo(str(failure), err=True)
            return 1
        finally:
            supervisor.stop()
            embedded.stop(data)


def serve_web(host: str) -> None:
    """Become the web server (granian), serving this installation."""
    config = read()
    command = [
        "granian", "--interface", "wsgi", "--host", host, "--port", str(config.web_port),
        "--workers", "1", "--blocking-threads", "8", "--no-ws", "--log-level", "warning",
        "crossdock.wsgi:application",
    ]  # fmt: skip
    os.execv(sys.executable, [sys.executable, "-m", *command])  # noqa: S606 - our own command line


def _run(port: int, workers: int, *, demo_logins: bool) -> int:
    config = read()
    with Supervisor(config.data_dir / "logs") as supervisor:
        try:
            free_or_exit(port, "the web pages", "--port")
            return _serve(supervisor, port, workers=workers, demo_logins=demo_logins)
        except (StartFailed, embedded.EmbeddedFailed) as failure:
            click.echo(str(failure), err=True)
            return 1
        finally:
            supervisor.stop()
            if config.embedded_database:
                embedded.stop(config.data_dir)


def _serve(supervisor: Supervisor, port: int, *, workers: int, demo_logins: bool) -> int:
    config = read()
    env = dict(os.environ)
    if config.embedded_database:
        click.echo("Starting the database …")
        embedded.start(config.data_dir)
    click.echo("Bringing the database up to date …")
    supervisor.run(
        "migrate", python("-m", "django", "migrate", "--no-input", "-v", "0"), _with_settings(env)
    )
    supervisor.run(
        "collectstatic",
        python("-m", "django", "collectstatic", "--no-input", "-v", "0"),
        _with_settings(env),
    )
    if not demo_logins:
        _refuse_unsafe(supervisor, env, config.public_url)
    else:
        click.echo("Preparing the demo company …")
        supervisor.run("prepare-demo", python("-m", "crossdock.cli", "prepare-demo"), env)
    supervisor.start("web", python("-m", "crossdock.cli", "web", "--port", str(port)), env)
    for number in range(1, workers + 1):
        supervisor.start(
            f"worker-{number}",
            python("-m", "crossdock.cli", "worker", "--name", f"worker-{number}"),
            env,
        )
    supervisor.await_answer("web", f"http://127.0.0.1:{port}/healthz")
    if supervisor.stopping:
        return 0
    click.echo(f"Crossdock is ready: http://localhost:{port}")
    if demo_logins:
        click.echo(f"Log in as {_DEMO_LOGINS}")
    sys.stdout.flush()
    return supervisor.watch()


def _refuse_unsafe(supervisor: Supervisor, env: Mapping[str, str], public_url: str) -> None:
    """Raises StartFailed when demo logins are open, or keys don't fit the database."""
    host = urlsplit(public_url).hostname or ""
    code = (
        "import django; django.setup(); from crossdock.ops.check import keys_fit, open_demo_logins;"
        "import sys; bad = open_demo_logins();"
        "sys.exit('keys.toml does not open the tokens of this database: put the right file back') "
        "if not keys_fit() else None;"
        f"sys.exit('demo logins with the demo password exist: ' + ', '.join(bad)) if bad and {host not in _LOOPBACK} "
        "else None"
    )
    supervisor.run("the safety check", python("-c", code), _with_settings(env))


def _with_settings(env: Mapping[str, str]) -> dict[str, str]:
    return {**env, "DJANGO_SETTINGS_MODULE": "crossdock.settings"}


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
