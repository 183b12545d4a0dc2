"""The commands that let people in."""

from __future__ import annotations

import sys

import click

from crossdock.ops.with_django import with_django


@click.command("create-owner")
@click.option("--company", "company_name", prompt="Company's name", help="Name of the company.")
@click.option(
    "--email", prompt="Owner's e-mail", help="The owner's e-mail address, to log in with."
)
@click.option("--name", default=None, help="The owner's name; asked for when left out.")
@click.option("--password", default=None, help="The owner's password; asked for when left out.")
@click.option("--slug", default="", help="The company's word in addresses; else made of its name.")
@click.option("--join", is_flag=True, help="Add the owner to a company that is here already.")
@click.option(
    "--known",
    is_flag=True,
    help="Yes, this address's login is who is meant (asked for when unsure).",
)
@with_django
def create_owner(
    company_name: str,
    email: str,
    name: str | None,
    password: str | None,
    slug: str,
    join: bool,
    known: bool,
) -> None:
    """Make a company and its owner, or add an owner to one (--join).

    Somebody who can log in already keeps their name and password, and gets one company more.
    """
    from crossdock.ops.owner import OwnerRefused, Wanted, known_person, make_owner

    if known_person(email) is None:
        name = name if name is not None else click.prompt("Owner's name")
        password = password or click.prompt("Password", hide_input=True, confirmation_prompt=True)
    wanted = Wanted(company_name, email, name or "", password or "", slug, join, known)
    try:
        click.echo(make_owner(wanted).words)
    except OwnerRefused as refusal:
        raise click.ClickException(str(refusal)) from None


@click.command("first-owner")
@with_django
def first_owner() -> None:
    """Print a link with which the first owner is made in a browser.

    It is good once, for 24 hours, and while nobody owns a company here; the links before it are dead. `up`
    prints one at every start until then.
    """
    from crossdock.ops.owner_link import is_owned, new_link

    if is_owned():
        raise click.ClickException(
            "A company here has an owner already. crossdock people lists them; crossdock create-owner makes "
            "another company."
        )
    click.echo(new_link())


@click.command()
@click.option("--company", default="", help="Only this company's people, by its name or slug.")
@with_django
def people(company: str) -> None:
    """List who can log in, by company, with role, whether the address is confirmed, and last login."""
    from crossdock.ops.people import NobodyThere, listed

    try:
        for line in listed(company):
            click.echo(line)
    except NobodyThere as problem:
        raise click.ClickException(str(problem)) from None


@click.command()
@click.argument("email")
@click.option("--stdin", is_flag=True, help="Read the new password from the input, and set it.")
@click.option(
    "--drop-two-step", is_flag=True, help="Switch their two-factor login off: phone and codes lost."
)
@with_django
def password(email: str, stdin: bool, drop_two_step: bool) -> None:
    """Help somebody who lost the password: print a link, good once, with which they set a new one.

    Look at the name and the companies that are printed before you give it to anybody.
    """
    from crossdock.ops.people import BadPassword, NobodyThere, link_for, set_password

    try:
        if stdin:
            given = sys.stdin.buffer.readline().decode(errors="surrogateescape").rstrip("\r\n")
            click.echo(set_password(email, given, drop_two_step=drop_two_step))
        else:
            click.echo(link_for(email, drop_two_step=drop_two_step))
    except (NobodyThere, BadPassword) as problem:
        raise click.ClickException(str(problem)) from None
