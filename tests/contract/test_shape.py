"""What can be seen of a channel without its platform: the suite's first word to a new folder."""

from __future__ import annotations

import ast
import inspect
import re
from dataclasses import fields
from pathlib import Path

import pytest
from django.test import Client

from crossdock import channels as room
from crossdock.channels.contract import App, Can, Channel, Limits, Shop
from crossdock.channels.errors import NotSent, Refused
from crossdock.channels.registry import channels
from crossdock.rules.facts import Stage
from tests.cast import Cast

ROOM = Path(room.__path__[0])
NOWHERE = App(
    "1",
    "key",
    dict.fromkeys(("*", "auth", "authorize"), "http://127.0.0.1:9"),
    frozenset({"127.0.0.1"}),
)
_WAY = {Stage.UNPAID, Stage.TO_PACK, Stage.READY, Stage.SHIPPED, Stage.DELIVERED, Stage.COMPLETED}


def folder(known: Channel) -> Path:
    return ROOM / known.name


def methods() -> list[str]:
    return [name for name, _ in inspect.getmembers(Channel, inspect.isfunction) if name[0] != "_"]


def test_its_name_is_its_folders_and_its_title_is_for_people(known: Channel) -> None:
    assert folder(known).is_dir()
    assert known.title
    assert known.title != known.name


@pytest.mark.parametrize("method", methods())
def test_it_has_every_method_with_the_contracts_own_parameters(known: Channel, method: str) -> None:
    asked = inspect.signature(getattr(Channel, method)).parameters
    has = getattr(known, method, None)
    assert has is not None, f"{known.title} lacks {method}: see channels/contract.py"
    given = inspect.signature(has).parameters
    assert [(name, one.kind) for name, one in asked.items() if name != "self"] == [
        (name, one.kind) for name, one in given.items()
    ]


def test_its_words_lead_along_an_orders_whole_way(known: Channel) -> None:
    reached = set(known.words.values())
    assert reached <= set(Stage)
    assert _WAY - reached == set()
    assert Stage.CANCELLED in reached


def test_its_limits_and_abilities_are_told(known: Channel) -> None:
    assert isinstance(known.can, Can)
    assert isinstance(known.limits, Limits)
    for one in fields(Limits):
        least = 0 if one.name == "per_app" else 1
        assert getattr(known.limits, one.name) >= least, one.name
    assert known.regions
    assert len({region.code for region in known.regions}) == len(known.regions)


def test_its_logo_can_be_put_into_a_page(known: Channel) -> None:
    logo = (folder(known) / "logo.svg").read_text()
    assert logo.lstrip().startswith("<svg")
    assert not re.search(r"<script|\bon\w+=|href=|style=", logo)


def test_people_are_sent_through_https_with_our_state(known: Channel) -> None:
    settings = {one.name: "77" for one in known.app_settings}
    for region in known.regions:
        app = App("42", "secret-of-the-app", more=settings)
        url = known.authorize_url(
            app, region=region.code, redirect_uri="https://desk.example/oauth", state="st4te"
        )
        assert url.startswith("https://")
        assert "st4te" in url
        assert "secret-of-the-app" not in url


def test_it_knows_nothing_of_django_nor_of_its_neighbours(known: Channel) -> None:
    allowed = {f"crossdock.channels.{known.name}", "crossdock.rules"}
    shared = {f"crossdock.channels.{file.stem}" for file in ROOM.glob("*.py")}
    for file in folder(known).rglob("*.py"):
        for name in _imported(file):
            if name.startswith("crossdock."):
                inside = any(name == one or name.startswith(f"{one}.") for one in allowed)
                assert inside or name in shared, f"{file.name} imports {name}"
            assert not name.startswith("django"), file.name


def test_a_platform_that_cannot_be_reached_means_not_sent(known: Channel) -> None:
    shop = Shop(NOWHERE, "1", known.regions[0].code, "token", key="key")
    with pytest.raises(NotSent):
        known.fetch(shop, ["1"])


def test_a_message_without_a_right_signature_is_refused(known: Channel) -> None:
    for headers in ({}, {"authorization": "0" * 64}, {"authorization": ""}):
        with pytest.raises(Refused):
            list(known.event(NOWHERE, headers=headers, body=b"{}", url="https://desk.example/hook"))


def test_an_owner_can_choose_it_on_the_stores_page(
    known: Channel, cast: Cast, client: Client
) -> None:
    client.force_login(cast.alice)
    page = client.get(f"/c/{cast.acme.slug}/stores/").content.decode()
    for region in known.regions:
        assert f'value="{known.name}:{region.code}"' in page
    assert known.title in page


def test_no_two_channels_share_a_name() -> None:
    names = [known.name for known in channels()]
    assert len(set(names)) == len(names)


def _imported(file: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            module = "." * node.level + node.module
            found += [
                f"{module}.{alias.name}"
                if (ROOM / f"{alias.name}.py").exists() and module == "crossdock.channels"
                else module
                for alias in node.names
            ]
    return found
