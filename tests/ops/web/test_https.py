"""https where people use https, and nothing of it where they don't."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.conf import settings as configured
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from crossdock.companies.client_address import ClientAddress
from crossdock.configuration import read
from crossdock.ops.check import findings
from tests.cast import PASSWORD, Cast
from tests.ops.web.serving import SOURCE, await_answer, serving
from tests.ports import free_port

DESK = "https://desk.example.test"
PROXY, STRANGER = "127.0.0.1", "127.0.0.2"


class Behind:
    """A browser behind a proxy that speaks https, or a stranger who only says so."""

    def __init__(self, port: int) -> None:
        self.port = port

    def ask(self, path: str, *, source: str = PROXY, proto: str = "https") -> httpx.Response:
        sent = {"Host": "desk.example.test", **({"X-Forwarded-Proto": proto} if proto else {})}
        return self._client(source).get(path, headers=sent)

    def log_in(self, email: str) -> httpx.Response:
        """Through the login form, as a browser does."""
        page = self.ask("/accounts/login/")
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
        assert token, page.text
        cookies = "; ".join(f"{name}={value}" for name, value in page.cookies.items())
        return self._client(PROXY).post(
            "/accounts/login/",
            data={"login": email, "password": PASSWORD, "csrfmiddlewaretoken": token[1]},
            headers={
                "Host": "desk.example.test", "X-Forwarded-Proto": "https", "Cookie": cookies,
                "Origin": DESK, "Referer": f"{DESK}/accounts/login/",
            },
        )  # fmt: skip

    def _client(self, source: str) -> httpx.Client:
        transport = httpx.HTTPTransport(local_address=source)
        return httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}", transport=transport, timeout=20
        )


@pytest.fixture
def desk(database_of_processes: None, cast: Cast, tmp_path: Path) -> Iterator[Behind]:
    """``crossdock web`` with an https address, and nobody named as a trusted proxy."""
    cast.pat.password = PBKDF2PasswordHasher().encode(PASSWORD, "salt", iterations=1)
    cast.pat.save()  # the tests' own hasher is not known to other processes
    port = free_port()
    with serving(tmp_path, "--port", str(port), CROSSDOCK_PUBLIC_URL=DESK):
        await_answer(f"http://127.0.0.1:{port}/healthz")
        yield Behind(port)


def test_behind_a_proxy_that_speaks_https_pages_and_cookies_are_bound_to_it(
    desk: Behind, cast: Cast
) -> None:
    page = desk.ask("/accounts/login/")
    assert page.status_code == 200
    assert page.headers["strict-transport-security"] == "max-age=31536000"
    (csrf,) = page.headers.get_list("set-cookie")
    assert csrf.startswith("__Host-csrftoken=")
    entered = desk.log_in(cast.pat.email)
    assert entered.status_code == 302, entered.text
    session = next(one for one in entered.headers.get_list("set-cookie") if "session" in one)
    assert session.startswith("__Host-sessionid=")
    for cookie in (csrf, session):
        assert "Secure" in cookie
        assert "Path=/;" in cookie
        assert "Domain" not in cookie


def test_whoever_comes_without_https_is_sent_there_and_neither_probes_nor_liars_are(
    desk: Behind,
) -> None:
    for proto in ("", "http"):
        sent = desk.ask("/accounts/login/?next=/c/acme/", proto=proto)
        assert sent.status_code == 301
        assert sent.headers["location"] == f"{DESK}/accounts/login/?next=/c/acme/"
    assert desk.ask("/healthz", proto="").status_code == 200
    assert desk.ask("/readyz", proto="").status_code in (200, 503)
    refused = desk.ask("/accounts/login/", source=STRANGER)
    assert refused.status_code == 400
    assert "CROSSDOCK_TRUSTED_PROXIES" in refused.text
    assert not refused.cookies


def answered(settings: Any, peer: str, *, https: bool) -> tuple[bool, HttpResponse]:
    """Whether a request that says https, from this peer, counts as https; and the answer."""
    settings.TRUSTED_PROXIES = [ip_network("10.0.0.5")]
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECURE_SSL_REDIRECT = https
    seen: list[bool] = []

    def page(request: HttpRequest) -> HttpResponse:
        seen.append(request.is_secure())
        return HttpResponse()

    asked = RequestFactory().get("/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_PROTO="https")
    answer = ClientAddress(page)(asked)
    return seen == [True], answer


@pytest.mark.parametrize("https", [True, False])
@pytest.mark.parametrize("peer", ["10.0.0.6", "203.0.113.9", "::1", "", "no address"])
def test_only_a_trusted_proxy_is_believed_about_https(
    peer: str, https: bool, settings: Any
) -> None:
    believed, answer = answered(settings, peer, https=https)
    assert not believed
    assert answer.status_code == (400 if https else 200)
    assert answered(settings, "10.0.0.5", https=https)[0]


def test_with_https_the_proxy_of_this_machine_need_not_be_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert read().trusted_proxies == ()
    monkeypatch.setenv("CROSSDOCK_PUBLIC_URL", DESK)
    assert read().trusted_proxies == (ip_network("127.0.0.1"), ip_network("::1"))
    monkeypatch.setenv("CROSSDOCK_TRUSTED_PROXIES", "172.20.0.0/16")
    assert read().trusted_proxies == (ip_network("172.20.0.0/16"),)


@pytest.mark.django_db
def test_over_plain_http_on_a_lan_people_log_in(cast: Cast, settings: Any) -> None:
    assert not read().https
    settings.ALLOWED_HOSTS = ["192.168.1.5"]
    browser = Client(enforce_csrf_checks=True, SERVER_NAME="192.168.1.5", SERVER_PORT="8000")
    page = browser.get("/accounts/login/")
    assert page.status_code == 200
    assert "Strict-Transport-Security" not in page.headers
    token = browser.cookies["csrftoken"].value
    fields = {"login": cast.pat.email, "password": PASSWORD, "csrfmiddlewaretoken": token}
    assert browser.post("/accounts/login/", fields).status_code == 302
    assert not browser.cookies["sessionid"]["secure"]
    assert browser.get("/c/acme/orders/").status_code == 200


@pytest.mark.django_db
def test_check_says_what_needs_https_and_behind_it_which_proxy_is_believed(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = "\n".join(found.text for found in findings())
    for needing in ("camera", "installing on a phone", "push", "passkeys"):
        assert needing in told
    monkeypatch.setenv("CROSSDOCK_PUBLIC_URL", DESK)
    settings.CONFIG = read()
    settings.TRUSTED_PROXIES = settings.CONFIG.trusted_proxies
    told = "\n".join(found.text for found in findings())
    assert "127.0.0.1" in told
    assert "passkeys" not in told


def test_django_has_nothing_to_say_against_an_installation_with_https(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "django", "check", "--deploy", "--fail-level", "WARNING"],
        env={
            **os.environ, "CROSSDOCK_DATA": str(tmp_path), "CROSSDOCK_PUBLIC_URL": DESK,
            "DJANGO_SETTINGS_MODULE": "crossdock.settings",
            "PYTHONPATH": os.pathsep.join([str(SOURCE), *sys.path]),
        },
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    assert "no issues" in told.stdout
    assert set(configured.SILENCED_SYSTEM_CHECKS) == {"security.W005", "security.W021"}


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/c/acme/orders/", "/c/acme/stores/", "/accounts/email/"])
def test_no_copy_of_a_private_page_is_kept_and_its_forms_lead_here_only(
    path: str, cast: Cast
) -> None:
    browser = Client()
    assert browser.login(email=cast.alice.email, password=PASSWORD)
    answer = browser.get(path, follow=True)
    assert "no-store" in answer.headers["Cache-Control"]
    assert "form-action 'self'" in answer.headers["Content-Security-Policy"]
    assert "camera=(self)" in answer.headers["Permissions-Policy"]
