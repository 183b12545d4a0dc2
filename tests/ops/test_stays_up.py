"""What ends is started again, a database that was away is found again, and only asking stops it."""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from crossdock.ops import embedded
from tests.ops.installation import (
    PATIENT,
    Installation,
    crossdock,
    environment,
    wait_until,
)
from tests.ports import free_port

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A running installation, in a folder of an odd name; asked to stop, it must leave nothing."""
    installation = Installation(
        tmp_path_factory.mktemp("up") / """Aufträge 订单, [1] $(x) "q" 'p'"""
    )
    try:
        installation.start()
        yield installation
        assert installation.stop() == 0, installation.told()
        wait_until(lambda: installation.left() == [], lambda: str(installation.left()))
    finally:
        if installation.runs():
            installation.stop(signal.SIGKILL)
        embedded.destroy(installation.data)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT, signal.SIGKILL])
def test_a_database_that_ends_is_started_again_and_costs_no_other_process(
    up: Installation, how: signal.Signals
) -> None:
    before = up.children()
    assert before.keys() == {"web", "worker", "database"}
    os.kill(before["database"], how)
    wait_until(lambda: up.children().get("database", before["database"]) != before["database"])
    wait_until(up.serves, up.told)
    wait_until(lambda: _works(up), up.told)
    after = up.children()
    assert {name: after[name] for name in ("web", "worker")} == {
        name: before[name] for name in ("web", "worker")
    }


@pytest.mark.parametrize("name", ["web", "worker"])
def test_what_is_killed_is_started_again(up: Installation, name: str) -> None:
    before = up.children()
    os.kill(before[name], signal.SIGKILL)
    wait_until(lambda: up.children().get(name, before[name]) != before[name], up.told)
    wait_until(up.serves, up.told)
    wait_until(lambda: _works(up), up.told)
    assert f"{name}" in up.told()
    assert "killed by SIGKILL" in up.told()


def test_while_the_database_is_away_pages_say_so_at_once_and_come_back_by_themselves(
    up: Installation,
) -> None:
    wait_until(up.serves)
    with up.unwatched():
        _end_database(up)
        took, page = [], up.get()
        for _ in range(9):
            began = time.monotonic()
            page = up.get()
            took.append(time.monotonic() - began)
        assert statistics.median(took) < 2.0
        assert page.status_code == 503
        assert "The database is away" in page.text
        assert "loads again by itself" in page.text
        assert "/ui/away" in page.text, "the script that loads it again"
        assert "script-src 'self'" in page.headers["Content-Security-Policy"]
        assert page.headers["Retry-After"] == "2"
        assert "Traceback" not in (up.data / "logs/web.log").read_text()
        assert up.get("/healthz").status_code == 200, "the process itself lives"
    wait_until(up.serves, up.told)


def test_while_the_database_is_away_scripts_and_parts_of_pages_get_the_words_alone(
    up: Installation,
) -> None:
    wait_until(up.serves)
    with up.unwatched():
        _end_database(up)
        part = up.get(**{"HX-Request": "true"})
        told = up.get(Accept="application/json")
        posted = _post(up)
    assert {part.status_code, told.status_code, posted.status_code} == {503}
    assert part.headers["Content-Type"].startswith("text/plain")
    assert "<" not in part.text
    assert "database is away" in told.json()["words"]
    assert "loads again by itself" not in posted.text, "nothing is sent twice"
    wait_until(up.serves, up.told)


def test_after_a_restart_of_the_database_no_page_is_an_error(up: Installation) -> None:
    """Every thread of the web holds a connection, and all are dead now."""
    wait_until(up.serves)
    _all_threads(up)
    before = up.children()["database"]
    os.kill(before, signal.SIGINT)
    wait_until(lambda: up.children().get("database", before) != before)
    wait_until(lambda: _answers(up))
    assert _all_threads(up) == {200}


def test_an_idle_installation_holds_few_connections(up: Installation) -> None:
    """A worker needs seven, so that six of them and the web leave room among PostgreSQL's hundred."""
    wait_until(lambda: _connections(up) <= 8 + 7, lambda: f"{_connections(up)} connections")


def test_a_second_supervisor_is_told_who_holds_the_folder(up: Installation) -> None:
    assert up.process is not None
    told = subprocess.run(
        [*crossdock("up"), "--port", str(free_port())],
        env=environment(up.data), capture_output=True, text=True, timeout=PATIENT,
    )  # fmt: skip
    assert told.returncode == 1
    assert str(up.process.pid) in told.stderr
    assert str(up.port) in told.stderr
    assert len(told.stderr.strip().splitlines()) == 1
    assert up.serves()


def test_after_a_kill_of_the_supervisor_nothing_is_left_and_the_next_start_works(
    up: Installation,
) -> None:
    assert up.process is not None
    up.process.kill()
    up.process.wait()
    up.start()
    assert up.serves()
    assert len(up.children()) == 3


def _works(up: Installation) -> bool:
    """Whether a job that is deferred now is done."""
    try:
        with psycopg.connect(up.database_url(), autocommit=True, connect_timeout=5) as connection:
            (job,) = connection.execute(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status)"
                " VALUES ('fast', 'work.drain', '{\"company_id\": 0, \"lane_id\": 0}', 'todo') RETURNING id"
            ).fetchone() or (0,)
            wait_until(
                lambda: (
                    connection.execute(
                        "SELECT FROM procrastinate_jobs WHERE id = %s", [job]
                    ).fetchone()
                    is None
                ),
                seconds=30,
            )
    except (psycopg.OperationalError, AssertionError):
        return False
    return True


def _answers(up: Installation) -> bool:
    try:
        psycopg.connect(up.database_url(), connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def _connections(up: Installation) -> int:
    with psycopg.connect(up.database_url(), connect_timeout=5) as connection:
        (count,) = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
            " AND pid <> pg_backend_pid()"
        ).fetchone() or (0,)
    return int(count)


def _end_database(up: Installation) -> None:
    number = up.children()["database"]
    os.kill(number, signal.SIGINT)
    wait_until(
        lambda: Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    )


def _post(up: Installation) -> httpx.Response:
    """A form that is sent with what makes it acceptable."""
    token = "a" * 32
    return httpx.post(
        f"http://127.0.0.1:{up.port}/accounts/login/",
        data={"login": "a@b.test", "password": "x" * 12, "csrfmiddlewaretoken": token},
        headers={"Accept": "text/html", "Cookie": f"csrftoken={token}"},
        trust_env=False,
        timeout=30,
    )


def _all_threads(up: Installation) -> set[int]:
    """The answers to more pages at once than the web has threads."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(16) as threads:
        return {page.status_code for page in threads.map(lambda _: up.get(), range(32))}
