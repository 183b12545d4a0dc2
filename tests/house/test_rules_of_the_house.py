"""Rules that machines keep."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src").rglob("*.py"))


def test_no_source_file_has_more_than_four_hundred_lines() -> None:
    long = {
        str(file): n
        for file in SOURCES
        if (n := len(file.read_text().splitlines())) > 400 and "migrations" not in file.parts
    }
    assert long == {}


def test_only_the_book_itself_writes_orders() -> None:
    writes = re.compile(
        r"\b(Order|Line|Package|History|RawOrder)\.objects\.(create|bulk_create|update_or_create|filter\([^)]*\)\.update)"
    )
    guilty = [
        str(file.relative_to(ROOT))
        for file in SOURCES
        if file.relative_to(ROOT).parts[:3] != ("src", "crossdock", "orders")
        and writes.search(file.read_text())
        and "crossdock_sandbox" not in file.parts
    ]
    assert guilty == []


def test_no_room_but_channels_asks_which_channel_it_is() -> None:
    asks = re.compile(r"""(channel|\.name)\s*==\s*["'](lazada|shopee|tiktok)["']""")
    rooms = [file for file in SOURCES if "crossdock" in file.parts and "channels" not in file.parts]
    guilty = [
        str(file.relative_to(ROOT))
        for file in rooms
        if asks.search(file.read_text()) and "demo.py" not in file.name
    ]
    assert guilty == []


@pytest.mark.parametrize("name", ["utils.py", "helpers.py", "services.py", "managers.py"])
def test_files_are_named_after_deeds(name: str) -> None:
    assert [file for file in SOURCES if file.name == name] == []


def test_every_setting_is_documented() -> None:
    settings = set(
        re.findall(
            r'"(CROSSDOCK_[A-Z_]+|DATABASE_URL)"',
            (ROOT / "src/crossdock/configuration.py").read_text(),
        )
    )
    documented = (ROOT / "docs/operator.md").read_text()
    assert {name for name in settings if name not in documented} == set()


def test_every_command_is_documented() -> None:
    from crossdock.cli import main

    documented = (ROOT / "docs/operator.md").read_text()
    assert {
        name
        for name, command in main.commands.items()
        if not command.hidden and f"crossdock {name}" not in documented
    } == set()


def test_the_project_names_no_package_registry() -> None:
    texts = [ROOT / "requirements/app.txt", ROOT / "requirements/dev.txt", ROOT / "Makefile"]
    assert [
        file.name
        for file in texts
        if re.search(
            r"index-url|find-links|://[^ ]*(pypi|mirror)",
            file.read_text().replace("--no-emit-index-url", "").replace("--no-emit-find-links", ""),
        )
    ] == []
