"""The command ``crossdock``."""

from __future__ import annotations

import os
import sys
from datetime import date, datetime
from pathlib import Path

import click

from crossdock import __version__
from crossdock.ops.accounts import create_owner, first_owner, password, people
from crossdock.ops.in_sentences import InSentences, Port
from crossdock.ops.safety_net import backup, confirm_only_one, keys, restore
from crossdock.ops.with_django import with_django


@click.group(cls=InSentences, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="crossdock")
def main() -> None:
    """Crossdock: one order desk for Lazada, Shopee and TikTok Shop.

    A newcomer runs `crossdock demo`. Whoever installs it for work runs `crossdock up`, and opens the
    link that it prints.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crossdock.settings")


_data_option = click.option(
    "--data",
    type=click.Path(path_type=Path),
    default=None,
    help="The data folder (default: CROSSDOCK_DATA, or a folder of its own in your home).",
)


@main.command()
@click.option(
    "--port",
    default=None,
    type=Port(),
    help="Port of the web pages (default 8000, or CROSSDOCK_PORT).",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--workers", default=1, show_default=True, help="How many worker processes.")
def up(port: int | None, host: str, workers: int) -> None:
    """Run everything on this machine: database, web pages, worker.

    Brings its own PostgreSQL unless DATABASE_URL names one. What ends is started again; Ctrl-C stops it all.
    For others on the network: --host 0.0.0.0, and CROSSDOCK_PUBLIC_URL with the address that they use.
    """
    from crossdock.ops.running import run_up

    _set_port(port)
    sys.exit(run_up(host, workers))


@main.command()
@click.option("--port", default=8000, type=Port(), show_default=True, help="Port of the web pages.")
@click.option(
    "--sandbox-port",
    default=9100,
    type=Port(),
    show_default=True,
    help="Base port of the sandbox.",
)
@_data_option
def demo(port: int, sandbox_port: int, data: Path | None) -> None:
    """Show Crossdock alive, with pretended marketplaces and books, on this machine only."""
    from crossdock.ops.running import run_demo

    _set_port(port)
    _set_data(data or Path.home() / ".local/share/crossdock-demo")
    sys.exit(run_demo(port, sandbox_port))


@main.command()
@_data_option
def down(data: Path | None) -> None:
    """Stop what `up` or `demo` runs on a data folder, from another terminal.

    Also the database, where its supervisor was killed and it was left running.
    """
    from crossdock.configuration import data_folder
    from crossdock.ops.down import stop_all

    _set_data(data)
    click.echo(stop_all(data_folder()))


@main.command()
@click.option("--remove", is_flag=True, help="Remove what nobody needs.")
def leftovers(remove: bool) -> None:
    """List what lies outside the data folders: copies of PostgreSQL's programs, and databases.

    Started by root, or from a path with odd letters, PostgreSQL runs from a copy of its programs. --remove
    deletes the copies that nothing runs from; the next start makes what it needs. Databases are never deleted.
    """
    from crossdock.ops import leftovers as left

    for one in left.leftovers():
        removed = remove and one.removable
        click.echo(f"{one.path}  {one.megabytes()} MB  {one.words}{'  removed' if removed else ''}")
        if removed:
            left.remove(one)


@main.command()
@click.option(
    "--port",
    default=None,
    type=Port(),
    help="Port of the web pages (default 8000, or CROSSDOCK_PORT).",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
def web(port: int | None, host: str) -> None:
    """Serve the web pages (one of several processes; `up` starts them all).

    Waits for a database that does not answer yet; makes its static files where they are missing or of another
    version.
    """
    import django

    from crossdock.ops.running import prepare_web, serve_web

    _set_port(port)
    django.setup()
    prepare_web(host)
    serve_web(host)


@main.command()
@click.option(
    "--concurrency",
    default=8,
    show_default=True,
    help="Threads: a quarter of them for scans and clicks, in a process of their own.",
)
@click.option(
    "--name", default="worker", show_default=True, help="Name of this worker in the logs."
)
@click.option("--batches", is_flag=True, hidden=True, help="Run as a worker's second process.")
@with_django
def worker(concurrency: int, name: str, batches: bool) -> None:
    """Work off what people and the schedule ordered. Any number may run, on any number of hosts."""
    from crossdock.work.worker import run, run_batches

    if batches:
        run_batches(_admit, concurrency=concurrency, name=name)
        return
    options = ["--concurrency", str(concurrency), "--name", name, "--batches"]
    second = [sys.executable, "-m", "crossdock.cli", "worker", *options]
    run(second, _admit, concurrency=concurrency, name=name)


@main.command("migrate")
@with_django
def migrate_database() -> None:
    """Bring the database to this version's form."""
    from crossdock.ops.database_form import migrate

    migrate()


_DAY = click.DateTime(formats=["%Y-%m-%d"])
_FIRST_DAY, _LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)


@main.command()
@click.option("--store", "store_name", default="", help="Only the store of this name.")
@click.option("--from", "since", type=_DAY, default=None, help="First day, such as 2026-03-01.")
@click.option("--to", "until", type=_DAY, default=None, help="Last day; today when left out.")
@click.option(
    "--by",
    type=click.Choice(["updated", "created"]),
    default="updated",
    show_default=True,
    help="Whether the days are those of an order's last change, or of its creation.",
)
@click.option(
    "--completeness",
    is_flag=True,
    help="Compare what the channels list for these days (yesterday when left out) with what is "
    "here, and fetch what is missing.",
)
@with_django
def sync(
    store_name: str, since: datetime | None, until: datetime | None, by: str, completeness: bool
) -> None:
    """Fetch orders and returns now, and say how many changed.

    \b
    crossdock sync                              what is new, in all stores
    crossdock sync --from 2026-03-01            all that changed since that day
    crossdock sync --completeness --from 2026-03-01 --to 2026-03-07
                                                prove that no order of these days is missing

    Days are those of each store's company. The answer is 1 when anything went wrong, or when an
    order that is missing could not be fetched.
    """
    from crossdock.ops import syncing

    first, last = (day.date() if day else None for day in (since, until))
    if any(day and not _FIRST_DAY <= day <= _LAST_DAY for day in (first, last)):
        raise click.UsageError(f"Days are from {_FIRST_DAY} to {_LAST_DAY}.")
    if last and not first and not completeness:
        raise click.UsageError("--to needs --from.")
    if first and (last or date.today()) < first:  # noqa: DTZ011 - the day on this machine will do
        raise click.UsageError("The days end before they begin.")
    good = True
    try:
        if completeness:
            told = syncing.check_days(store_name, first or last, last)
        elif first:
            told = syncing.sync_days(store_name, first, last, by_creation=by == "created")
        else:
            told = syncing.sync_stores(store_name)
        for line, fine in told:
            click.echo(line)
            good &= fine
    except syncing.NoSuchStore as problem:
        raise click.ClickException(str(problem)) from None
    sys.exit(0 if good else 1)


@main.command()
@with_django
def check() -> None:
    """Look at configuration, database, connections and channels, and say what is wrong."""
    from crossdock.ops.check import findings

    bad = 0
    for finding in findings():
        click.echo(f"{'ok  ' if finding.good else 'BAD '} {finding.text}")
        bad += not finding.good
    sys.exit(1 if bad else 0)


@main.command("refuse-unsafe", hidden=True)
@click.option("--host", default="127.0.0.1")
@with_django
def refuse_unsafe(host: str) -> None:
    """Say why this installation must not run, if so, and what people must know; run by `up`."""
    from crossdock.ops.check import told_at_start

    _admit(host)
    for words in told_at_start():
        click.echo(words)


@main.command("prepare-demo", hidden=True)
@with_django
def prepare_demo() -> None:
    """Make the demo's company; run by `demo`."""
    from crossdock.ops.demo import prepare

    prepare()


for _command in (
    create_owner,
    first_owner,
    people,
    password,
    backup,
    restore,
    confirm_only_one,
    keys,
):
    main.add_command(_command)


def _admit(host: str = "127.0.0.1") -> None:
    """Raises ClickException where this installation must not serve."""
    from crossdock.ops.check import why_unsafe
    from crossdock.ops.moved import look_whether_it_was_moved

    if why := why_unsafe(host):
        raise click.ClickException(why)
    look_whether_it_was_moved()


def _set_port(port: int | None) -> None:
    if port is not None:
        os.environ["CROSSDOCK_PORT"] = str(port)


def _set_data(data: Path | None) -> None:
    if data is not None:
        os.environ["CROSSDOCK_DATA"] = str(data.resolve())


if __name__ == "__main__":
    main()
