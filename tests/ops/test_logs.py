"""Log lines say for which request, company and batch; as JSON they are one object each."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator
from ipaddress import ip_network
from typing import Any

import pytest
import structlog

from crossdock.companies.scope import company_scope
from crossdock.ops.logs import configure
from crossdock.ops.web.request_id import WithRequestId
from crossdock.work.jobs import fill_batch

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """What is written meanwhile, read as JSON."""
    root = logging.getLogger()
    kept, level = root.handlers[:], root.level
    configure({"json": True, "level": logging.INFO})
    written = io.StringIO()
    root.handlers[0].stream = written  # type: ignore[attr-defined]
    yield lambda: [json.loads(one) for one in written.getvalue().splitlines()]
    root.handlers[:] = kept
    root.setLevel(level)


def served(peer: str = "127.0.0.1", name: str = "") -> str:
    """A request that logs a line of Django's; the name that its answer bears."""
    told: dict[str, str] = {}

    def page(_: Any, start_response: Any) -> list[bytes]:
        logging.getLogger("django.request").error("Internal Server Error: %s", "/x")
        start_response("500 Oh", [("Content-Type", "text/plain")])
        return []

    environ = {"REMOTE_ADDR": peer, "HTTP_X_REQUEST_ID": name}
    WithRequestId(page, [ip_network("10.0.0.5")])(
        environ,  # type: ignore[arg-type]
        lambda _, headers, *__: told.update(headers),  # type: ignore[arg-type]
    )
    return told["X-Request-ID"]


def test_lines_of_a_request_bear_its_name_and_so_does_the_answer(lines: Lines) -> None:
    first, second = served(), served()
    assert first != second
    assert [line["request"] for line in lines()] == [first, second]
    logging.getLogger("django.request").error("afterwards")
    assert "request" not in lines()[-1]


@pytest.mark.parametrize(
    ("peer", "name", "kept"),
    [
        ("10.0.0.5", "0af7651916cd43dd8448eb211c80319c", True),
        ("10.0.0.5", "short", False),
        ("10.0.0.5", 'a"\n{forged}', False),
        ("10.0.0.6", "0af7651916cd43dd8448eb211c80319c", False),
    ],
)
def test_a_name_is_taken_from_a_trusted_proxy_alone(
    peer: str, name: str, kept: bool, lines: Lines
) -> None:
    assert (served(peer, name) == name) is kept
    assert len(lines()) == 1


def test_lines_of_a_company_and_of_a_batch_name_them(
    lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill(batch_id: int) -> None:
        structlog.get_logger("crossdock.work").info("filling", chunk=batch_id)

    monkeypatch.setattr("crossdock.work.batch.fill", fill)
    fill_batch(company_id=7, batch_id=42)
    with company_scope(8):
        logging.getLogger("elsewhere").warning("stumbled")
    (filled, stumbled) = lines()
    assert (filled["company"], filled["batch"], filled["event"]) == (7, 42, "filling")
    assert stumbled["company"] == 8
    assert "batch" not in stumbled


def test_an_error_is_one_object_with_its_traceback(lines: Lines) -> None:
    try:
        raise ValueError("ours")
    except ValueError:
        structlog.get_logger("crossdock.sync").exception("stumbled", password="x")
    (line,) = lines()
    assert "Traceback" in line["exception"]
    assert line["password"] == "…"
    assert {"timestamp", "level", "event"} <= line.keys()
