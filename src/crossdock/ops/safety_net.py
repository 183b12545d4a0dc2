"""The commands with which an operator keeps a company from losing what it has: backup, restore, keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar, cast

import click

Command = TypeVar("Command", bound=Callable[..., Any])


def _with_database(name: str, *, make: bool = False) -> Callable[[Command], Command]:
    """Have the database run and Django set up before the command runs."""

    def wrap(command: Command) -> Command:
        @wraps(command)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            import django

            from crossdock.ops.awake import database_awake
            from crossdock.ops.private import write_for_us_alone

            write_for_us_alone()
            with database_awake(name, make=make):
                django.setup()
                try:
                    return command(*args, **kwargs)
                finally:
                    _let_go()

        return cast(Command, wrapped)

    return wrap


@click.command()
@click.argument("place", required=False)
@click.option("--when-due", is_flag=True, hidden=True, help="Only if the newest is a day old.")
@_with_database("backup")
def backup(place: str | None, when_due: bool) -> None:
    """Make a backup: the database as of this moment, and the files, in one file.

    PLACE is a new file, or a folder; left out, it is `backups` in the data folder. The keys are never in it:
    keep a copy of keys.toml elsewhere. Others may go on working meanwhile.
    """
    from django.conf import settings

    from crossdock import filing
    from crossdock.keys_file import keys_file
    from crossdock.ops.backup import is_due, make_at, make_daily

    if when_due and not is_due(settings.DATA_DIR):
        return
    made = make_daily(settings.DATA_DIR) if when_due else make_at(place, settings.DATA_DIR)
    click.echo(f"Backup: {made} ({_size(made)}).")
    if place := filing.place():
        click.echo(
            f"The files are not in it: labels, papers and pictures stay in {place}. Have the store keep versions "
            "of them, or copy the bucket by its own means."
        )
    click.echo(
        f"The keys are not in it: keep a copy of {keys_file(settings.DATA_DIR)} elsewhere. Without it no store's "
        "token in the backup opens."
    )


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@_with_database("restore", make=True)
def restore(file: Path) -> None:
    """Bring a backup back, into an empty database: a new data folder, or a new one in DATABASE_URL.

    Nothing is sent outside from there until `crossdock confirm-only-one`. Put the keys.toml that belonged to
    the backup into the data folder.
    """
    from crossdock.ops.restore import bring_back

    _say(bring_back(file))


@click.command("confirm-only-one")
@click.option("--yes", is_flag=True, help="The other installation is off: do not ask.")
@_with_database("confirm-only-one")
def confirm_only_one(yes: bool) -> None:
    """Say that the installation that a backup came from is off, so that the restored one may act.

    Until then it sends nothing: both would pack, ship and post the same orders.
    """
    from crossdock.companies.only_one import is_copy
    from crossdock.ops import restore

    if is_copy() and not yes:
        click.confirm(
            "Is the installation that the backup was made from off for good, with all its workers?",
            abort=True,
        )
    click.echo(restore.confirm_only_one())


@click.group(invoke_without_command=True)
@click.pass_context
def keys(context: click.Context) -> None:
    """Show which keys there are (never the keys themselves), with their days and what they seal."""
    if context.invoked_subcommand is None:
        _show_keys()


@_with_database("keys")
def _show_keys() -> None:
    from crossdock.ops.keys import shown

    _say(shown())


@keys.command("rotate")
@_with_database("keys rotate")
def rotate_keys() -> None:
    """Make a new key, seal everything with it, and drop the old one.

    Cut off in the middle, it goes on at the next call. With workers on other machines: stop them first, and
    give them the new keys.toml.
    """
    from crossdock.ops.keys import rotate

    _say(rotate())


@keys.command("lost")
@click.option("--yes", is_flag=True, help="Do not ask.")
def lost_keys(yes: bool) -> None:
    """Go on without the keys that this database was sealed with: keys.toml is gone for good.

    Stores must be linked again, SQL Account connected again, and two-factor login switched on again by
    whoever had it; each is named. Orders, papers and history stay.
    """
    from crossdock.configuration import data_folder
    from crossdock.keys_file import put_damaged_aside

    if not yes:
        click.confirm(
            "Whatever these keys do not open is dropped. Is the right keys.toml gone for good?",
            abort=True,
        )
    if told := put_damaged_aside(data_folder()):
        click.echo(told)
    _go_on_without()


@_with_database("keys lost")
def _go_on_without() -> None:
    from crossdock.ops.keys import go_on_without

    _say(go_on_without())


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)


def _let_go() -> None:
    """Close our connection before the database is stopped."""
    from django.db import connection

    connection.close()


def _size(file: Path) -> str:
    return f"{max(file.stat().st_size / 1_000_000, 0.1):,.1f} MB"
