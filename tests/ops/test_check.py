"""``crossdock check`` really tries, says what to do in a sentence each, and never breaks."""

from __future__ import annotations

import os
import shutil
import socket
import threading
from collections import namedtuple
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection

from crossdock.channels import wire
from crossdock.companies.scope import all_companies, company_scope
from crossdock.companies.sealing import seal
from crossdock.ops import look_here, look_outside
from crossdock.ops.backup import backups_folder
from crossdock.ops.check import findings
from crossdock.ops.finding import Finding, looked
from crossdock.ops.models import Installation
from crossdock.posting.models import SqlAccount
from crossdock.stores.models import Store
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def told(look: Callable[[], Iterator[Finding]], name: str = "look") -> Finding:
    """What one look found last."""
    return list(looked(name, look))[-1]


@pytest.fixture
def data(tmp_path: Path, settings: Any) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path


@pytest.fixture
def answering(settings: Any) -> Iterator[Answering]:
    """Something that answers at our public address."""
    server = Answering()
    settings.PUBLIC_URL = server.url
    yield server
    server.close()


class Answering:
    """A server that answers everything alike."""

    def __init__(self) -> None:
        self.status, self.body, self.date = 200, b'{"status": "ok"}', ""
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response_only(outer.status)
                if outer.date:
                    self.send_header("Date", outer.date)
                self.end_headers()
                self.wfile.write(outer.body)

            def log_message(self, *_: Any) -> None:
                """Nothing."""

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class MailServer:
    """A mail server that takes a login or not, and keeps what it was told."""

    def __init__(self, *, takes: bool) -> None:
        self.heard: list[str] = []
        self._takes = takes
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        call, _ = self._listening.accept()
        with call, call.makefile("rw", newline="\r\n") as line:
            self._say(line, "220 here")
            for said in line:
                self.heard.append(said.strip())
                word = said.split()[0].upper()
                if word == "EHLO":
                    self._say(line, "250-here")
                    self._say(line, "250 AUTH PLAIN")
                elif word == "AUTH":
                    self._say(line, "235 in" if self._takes else "535 wrong password")
                elif word == "QUIT":
                    self._say(line, "221 bye")
                    return
                else:
                    self._say(line, "250 ok")

    def _say(self, line: Any, words: str) -> None:
        line.write(words + "\r\n")
        line.flush()

    def close(self) -> None:
        self._listening.close()


def mail_by(server: MailServer, settings: Any) -> None:
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    settings.EMAIL_USE_TLS, settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = (
        False,
        "us",
        "pw",
    )


def test_whatever_is_looked_at_is_one_sentence_and_nothing_breaks(
    cast: Cast, data: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing fits: lost keys, a store without an app, books that lead nowhere, a look that stumbles."""

    def stumbles() -> Iterator[Finding]:
        raise RuntimeError("nobody\nforesaw this")

    settings.CHANNEL_APPS = {}
    monkeypatch.setattr(look_here, "connections", stumbles)
    monkeypatch.setattr("crossdock.ops.check._WITH_DATABASE", (
        ("connections", stumbles), ("keys", look_here.keys), ("stores", look_outside.stores),
        ("SQL Account", look_outside.books), ("app keys", look_outside.app_keys),
    ))  # fmt: skip
    with company_scope(cast.acme):
        for shop, sealed in (("1", b"sealed with another key"), ("2", seal("token"))):
            Store.objects.create(
                company=cast.acme, channel="lazada", region="MY", shop_id=shop, name=f"Shop {shop}",
                access_token_sealed=sealed,
            )  # fmt: skip
        SqlAccount.objects.create(
            company=cast.acme, access_key="k", secret_key_sealed=b"sealed with another key"
        )
    lines = list(findings())
    for line in lines:
        assert "\n" not in line.text
        assert "Traceback" not in line.text
    bad = " / ".join(line.text for line in lines if not line.good)
    assert "connections: could not be looked at (nobody foresaw this)" in bad
    assert "crossdock keys lost" in bad
    assert "store Shop 2: This installation has no lazada app" in bad
    assert "SQL Account: A stored token cannot be opened" in bad


def test_a_database_that_is_away_is_told_and_the_rest_is_looked_at(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> None:
        raise OperationalError("connection\nrefused")

    monkeypatch.setattr(connection, "cursor", away)
    lines = list(findings())
    (database,) = [line for line in lines if line.text.startswith("database")]
    assert not database.good
    assert "is `crossdock up` running?" in database.text
    assert any(line.text.startswith("disk") for line in lines)


def test_workers_are_counted_by_their_heartbeats() -> None:
    assert not told(look_here.workers).good
    assert "start crossdock up, or crossdock worker" in told(look_here.workers).text
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now())")
        assert told(look_here.workers) == Finding(True, "workers: 1 processes give signs of life")
        cursor.execute(
            "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'"
        )
    assert not told(look_here.workers).good


def test_connections_are_counted_and_few_left_are_too_few(monkeypatch: pytest.MonkeyPatch) -> None:
    found = told(look_here.connections)
    assert found.good
    assert " of 97 " in found.text
    monkeypatch.setattr(look_here, "_BUSY", 0.0)
    found = told(look_here.connections)
    assert not found.good
    assert "raise its max_connections, or run fewer workers" in found.text


def test_mail_is_tried_up_to_the_login_and_nothing_is_sent(settings: Any) -> None:
    server = MailServer(takes=True)
    mail_by(server, settings)
    assert told(look_outside.mail) == Finding(
        True, f"e-mail: 127.0.0.1:{server.port} takes our login"
    )
    server.close()
    assert [one.split()[0].upper() for one in server.heard] == ["EHLO", "AUTH", "QUIT"]


def test_a_mail_server_that_refuses_or_is_not_there_is_told(settings: Any) -> None:
    server = MailServer(takes=False)
    mail_by(server, settings)
    found = told(look_outside.mail)
    assert not found.good
    assert "wrong password" in found.text
    assert "CROSSDOCK_EMAIL_ settings" in found.text
    server.close()
    assert not told(look_outside.mail).good, "nobody listens any more"


def test_a_silent_mail_server_is_not_waited_for_long(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert look_outside._SECONDS <= 10
    monkeypatch.setattr(look_outside, "_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        settings.EMAIL_HOST, settings.EMAIL_PORT = listening.getsockname()
        assert not told(look_outside.mail).good


def test_the_public_address_is_asked_and_what_it_answers_is_told(answering: Answering) -> None:
    assert told(look_outside.public_address) == Finding(
        True, f"reached at: {answering.url}, which answers"
    )
    answering.status, answering.body = 502, b"Bad Gateway"
    found = told(look_outside.public_address)
    assert not found.good
    assert "answered 502" in found.text
    assert "reverse proxy" in found.text
    answering.status, answering.body = 200, b"<h1>Welcome to nginx</h1>"
    assert not told(look_outside.public_address).good


def test_a_public_address_where_nobody_is_is_told(answering: Answering) -> None:
    answering.close()
    found = told(look_outside.public_address)
    assert not found.good
    assert "CROSSDOCK_PUBLIC_URL" in found.text


def test_app_keys_without_their_secret_and_none_at_all_are_told(settings: Any) -> None:
    settings.CHANNEL_APPS = {}
    texts = [one.text for one in look_outside.app_keys() if not one.good]
    assert texts == ["marketplaces: none can be linked: set the app key of at least one"]
    from crossdock.channels.contract import App

    settings.CHANNEL_APPS = {"lazada": App("key", "", {})}
    (bad,) = [one.text for one in look_outside.app_keys() if not one.good]
    assert "set CROSSDOCK_LAZADA_APP_SECRET" in bad


def test_a_full_disk_is_told_before_it_is_full(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free = namedtuple("free", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: free(0, 0, 10**12))
    assert told(look_here.disk).good
    monkeypatch.setattr(shutil, "disk_usage", lambda _: free(0, 0, 10**8))
    found = told(look_here.disk)
    assert not found.good
    assert "free some" in found.text


def test_a_clock_that_is_off_is_told_from_the_database_and_from_what_answered(
    monkeypatch: pytest.MonkeyPatch, answering: Answering
) -> None:
    assert told(look_here.clock).good
    now = datetime.now(UTC)
    with wire.listening() as heard:
        for off in (0, 90):
            answering.date = format_datetime(now - timedelta(seconds=off), usegmt=True)
            told(look_outside.public_address)
    assert list(look_outside._clock_of("Lazada", heard[:1])) == []
    (found,) = look_outside._clock_of("Lazada", heard)
    assert not found.good
    assert "s ahead of that of Lazada: set this machine's by the network" in found.text
    monkeypatch.setattr(look_here.time, "time", lambda: (now + timedelta(minutes=5)).timestamp())
    found = told(look_here.clock)
    assert not found.good
    assert "NTP" in found.text


def test_the_newest_backup_is_told_with_its_age(data: Path) -> None:
    folder = backups_folder(data)
    folder.mkdir()
    for name, hours in (("crossdock-1.tar", 5), ("crossdock-2.tar", 40)):
        file = folder / name
        file.write_bytes(b"")
        moment = (datetime.now(UTC) - timedelta(hours=hours)).timestamp()
        os.utime(file, (moment, moment))
    (folder / "crossdock-3.tar.part").write_bytes(b"half")
    found = told(look_here.backups)
    assert found.good
    assert "5 hours old" in found.text
    (folder / "crossdock-1.tar").unlink()
    found = told(look_here.backups)
    assert not found.good
    assert "40 hours old" in found.text
    assert "run crossdock backup" in found.text


@pytest.mark.parametrize("ours", [True, False])
def test_no_backup_at_all_is_bad_where_the_database_is_ours(
    data: Path, settings: Any, ours: bool
) -> None:
    """A server of somebody else's may be backed up by other means."""

    class Config:
        embedded_database = ours

    settings.CONFIG = Config
    found = told(look_here.backups)
    assert found.good is not ours
    assert "crossdock backup" in found.text


def test_a_copy_says_so_and_calls_nobody(cast: Cast, settings: Any, answering: Answering) -> None:
    Installation.objects.update_or_create(pk=1, defaults={"copy_of": datetime.now(UTC)})
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    with all_companies():
        assert "crossdock confirm-only-one" in told(look_here.only_one).text
        for look in (look_outside.public_address, look_outside.mail):
            found = told(look)
            assert not found.good
            assert "Nothing is sent" in found.text
