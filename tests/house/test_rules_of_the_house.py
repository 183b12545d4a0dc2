"""Rules that machines keep."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.house.bare_reading import READERS, bare_readings

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


def test_what_comes_from_outside_is_read_by_the_functions_that_make_it_fit() -> None:
    app = ROOT / "src" / "crossdock"
    guilty = [
        f"{file.relative_to(app)}:{found}"
        for file in SOURCES
        if file.is_relative_to(app) and str(file.relative_to(app)) not in READERS
        for found in bare_readings(file, file.read_text())
    ]
    assert guilty == []


def test_every_file_that_may_read_bare_still_does() -> None:
    app = ROOT / "src" / "crossdock"
    assert [name for name in READERS if not (app / name).exists()] == []


@pytest.mark.parametrize(
    "bare",
    [
        "def view(request):\n    return request.GET.get('view', '')",
        "def view(request):\n    return request.POST['name']",
        "def view(request):\n    return request.COOKIES.get('theme')",
        "def view(request):\n    return request.headers['Authorization']",
        "def view(request):\n    data = request.POST if request.method == 'POST' else request.GET\n    return data.getlist('orders')",
        "def view(request):\n    data = sent_with(request)\n    return data['orders']",
        "def view(request):\n    return sent_with(request).get('orders')",
        "def chosen(data: QueryDict):\n    return data.get('orders')",
        "def view(self, request, pk):\n    return self.request.GET.dict()",
        "def view(request, pk):\n    return int(pk)",
        "def view(request):\n    before = text_of(request.GET, 'before')\n    return int(before)",
        "def number(text):\n    return text.isdigit()",
        "def number(text):\n    return any(map(str.isdecimal, text))",
        "NUMBER = '1'.isnumeric()",
    ],
)
def test_a_bare_reading_is_found(bare: str) -> None:
    assert list(bare_readings(Path("page.py"), bare))


@pytest.mark.parametrize(
    "good",
    [
        "def view(request):\n    return text_of(request.GET, 'view')",
        "def view(request):\n    return 'cancel' in request.POST",
        "def view(request):\n    return NameForm(request.POST or None, request.FILES)",
        "def view(request):\n    return key_of(sent_with(request), 'pk')",
        "def wait(seconds):\n    return int(seconds * 1000)",
        "def view(request):\n    return int(time.time() * 1000)",
        "def client(answer):\n    return answer.headers.get('retry-after')",
    ],
)
def test_reading_with_care_is_no_bare_reading(good: str) -> None:
    assert list(bare_readings(Path("page.py"), good)) == []
