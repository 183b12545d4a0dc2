"""What lies in ``deploy/`` says what the guide and the commands say."""

from __future__ import annotations

import inspect
import re
import shutil
import subprocess
import tomllib
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from click.testing import CliRunner
from django.test import Client

from crossdock import __version__
from crossdock.channels.registry import channels
from crossdock.channels.tiktok import permissions
from crossdock.cli import main
from crossdock.ops import sandbox
from crossdock.ops.processes import StartFailed
from crossdock.ops.running import run_demo

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
GUIDE = (ROOT / "docs/operator.md").read_text()
UNITS = sorted((DEPLOY / "systemd").iterdir())
NAME = r"(?:CROSSDOCK|AWS)_[A-Z_]+|DATABASE_URL"
OF_COMPOSE = {"POSTGRES_PASSWORD"}


def compose() -> dict[str, Any]:
    return dict(yaml.safe_load((DEPLOY / "compose.yaml").read_text()))


def unit(file: Path) -> ConfigParser:
    read = ConfigParser(interpolation=None, strict=False)
    read.optionxform = str  # type: ignore[assignment,method-assign]
    read.read(file)
    return read


def understood(words: list[str]) -> None:
    """The command line, as ``crossdock`` itself parses it, without running it."""
    command = main.commands[words[0]]
    with click.Context(main) as context:
        command.make_context(words[0], words[1:], parent=context)


def test_the_example_names_exactly_the_settings_of_the_guide_each_with_a_word() -> None:
    lines = (DEPLOY / ".env.example").read_text().splitlines()
    named = [m[1] for line in lines if (m := re.match(r"#?([A-Z_]+)=", line))]
    assert len(named) == len(set(named))
    in_tables = {
        name for line in GUIDE.splitlines() if line[:1] == "|" for name in re.findall(NAME, line)
    }
    assert set(named) - OF_COMPOSE == in_tables


def test_the_example_sets_nothing_but_what_must_be_set() -> None:
    lines = (DEPLOY / ".env.example").read_text().splitlines()
    assert [line.partition("=")[0] for line in lines if re.match("[A-Z]", line)] == [
        "CROSSDOCK_PUBLIC_URL",
        "POSTGRES_PASSWORD",
    ]


def test_the_guide_names_files_that_are_there_and_this_version() -> None:
    named = set(re.findall(r"deploy/(?:[a-z.-]+/)*[a-zA-Z.-]*[a-zA-Z]", GUIDE))
    made_by_the_operator = {"deploy/.env", "deploy/tls"}
    assert {one for one in named - made_by_the_operator if not (ROOT / one).exists()} == set()
    assert set(re.findall(r"crossdock-([0-9.]+)-py3", GUIDE)) == {__version__}


def test_the_way_to_a_linked_store_names_every_marketplaces_settings_and_permissions() -> None:
    told = (ROOT / "docs/linking.md").read_text()
    for known in channels():
        prefix = f"CROSSDOCK_{known.name.upper()}_"
        needed = ["APP_KEY", "APP_SECRET", *(one.name.upper() for one in known.app_settings)]
        assert {prefix + one for one in needed if prefix + one not in told} == set()
        assert f"/oauth/{known.name}/callback" in told or known.name == "shopee"
        assert f"/webhooks/{known.name}" in told
    scopes = set(re.findall(r'"(seller\.[a-z_.]+)"', inspect.getsource(permissions)))
    assert scopes
    assert {one for one in scopes if one not in told} == set()
    for page in ("docs/operator.md", "README.md"):
        assert "linking.md" in (ROOT / page).read_text()


def test_compose_runs_commands_that_exist_in_the_order_of_the_guide() -> None:
    services = compose()["services"]
    for name in ("migrate", "web", "worker"):
        assert services[name]["command"][0] == name
        understood(services[name]["command"])
        assert services[name]["environment"].keys() <= set(re.findall(NAME, GUIDE))
    assert services["worker"]["deploy"]["replicas"] == 2
    for name in ("web", "worker"):
        assert services[name]["depends_on"]["migrate"]["condition"] == (
            "service_completed_successfully"
        )
    assert services["database"]["image"].startswith("postgres:18"), "a major is never left open"
    assert services["database"]["volumes"] == ["database:/var/lib/postgresql"]


def test_compose_mounts_files_that_are_there_and_trusts_its_proxys_network_alone() -> None:
    told = compose()
    for mounted in told["services"]["proxy"]["volumes"]:
        here = mounted.split(":")[0]
        assert here == "./tls" or (DEPLOY / here).is_file()
    (front,) = told["networks"]["front"]["ipam"]["config"]
    web = told["services"]["web"]
    assert web["environment"]["CROSSDOCK_TRUSTED_PROXIES"] == front["subnet"]
    assert [name for name, one in told["services"].items() if "front" in one["networks"]] == [
        "web",
        "proxy",
    ]
    assert "ports" not in web


@pytest.mark.parametrize(
    "file", [one for one in UNITS if one.suffix == ".service"], ids=lambda one: one.name
)
def test_a_unit_runs_a_command_that_exists_and_is_started_again(file: Path) -> None:
    service = unit(file)["Service"]
    program, *words = service["ExecStart"].replace("%i", "1").split()
    assert program == "/opt/crossdock/bin/crossdock"
    understood(words)
    assert file.stem.split("-")[1].rstrip("@") == words[0]
    assert service["Restart"] == ("on-failure" if words == ["migrate"] else "always")
    assert unit(file)["Unit"]["StartLimitIntervalSec"] == "0", "it never gives up"
    for line in ("NoNewPrivileges", "ProtectSystem", "SystemCallFilter", "CapabilityBoundingSet"):
        assert line in service


def test_the_target_wants_the_units_that_are_there() -> None:
    wanted = unit(DEPLOY / "systemd/crossdock.target")["Unit"]["Wants"].split()
    templates = {re.sub(r"@\d+\.", "@.", one) for one in wanted}
    assert templates == {one.name for one in UNITS if one.suffix == ".service"}


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    """Where systemd is not here, the other tests have read them."""
    verify = shutil.which("systemd-analyze")
    copies = [Path(shutil.copy(one, tmp_path)) for one in UNITS]
    for one in copies:
        one.write_text(one.read_text().replace("/opt/crossdock/bin/crossdock", "/bin/true"))
    if verify:
        told = subprocess.run(
            [verify, "verify", *map(str, copies)], capture_output=True, text=True, check=False
        )
        assert (told.returncode, told.stderr) == (0, "")


def test_an_installation_for_work_needs_none_of_the_sandboxs_packages() -> None:
    locked = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements/app.txt").read_text(), re.M))
    assert locked.isdisjoint(sandbox.PACKAGES)
    wanted = re.findall(r"^([a-z0-9-]+)>", (ROOT / "requirements/demo.in").read_text(), re.M)
    assert sorted(wanted) == list(sandbox.PACKAGES)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    dynamic = project["tool"]["setuptools"]["dynamic"]
    assert dynamic["dependencies"]["file"] == ["requirements/app.in"]
    assert dynamic["optional-dependencies"]["demo"]["file"] == ["requirements/demo.in"]


def test_the_app_imports_none_of_them() -> None:
    imports = re.compile(
        r"^\s*(?:from|import) (starlette|uvicorn|reportlab|python_multipart)", re.M
    )
    files = (ROOT / "src/crossdock").rglob("*.py")
    assert [file.name for file in files if imports.search(file.read_text())] == []


def test_the_demo_without_them_says_in_one_sentence_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sandbox, "PACKAGES", (*sandbox.PACKAGES, "not-here"))
    with pytest.raises(StartFailed) as refused:
        run_demo(1, 2)
    assert "(not-here)" in str(refused.value)
    assert "crossdock[demo]" in str(refused.value)
    assert len(str(refused.value).split(". ")) == 1


def test_what_the_locks_pin_the_wheel_carries() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    carried = project["tool"]["setuptools"]["data-files"]
    assert carried["share/crossdock/requirements"] == [
        "requirements/app.txt",
        "requirements/demo.txt",
    ]
    assert all(list(ROOT.glob(pattern)) for patterns in carried.values() for pattern in patterns)


@pytest.mark.django_db
def test_the_version_stands_in_the_footer_of_pages_and_is_what_the_command_tells() -> None:
    assert (
        f"<small>Crossdock {__version__}</small>"
        in Client().get("/accounts/login/").content.decode()
    )
    told = CliRunner().invoke(main, ["--version"])
    assert told.output.strip().endswith(__version__)
