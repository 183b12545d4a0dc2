"""Limits on trying: for everybody's own tries, in all processes, and from the client's own address."""

from __future__ import annotations

import os
import subprocess
import sys
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client

from crossdock.companies.client_address import client_address
from crossdock.companies.models import Tally
from crossdock.configuration import BadSetting, read
from tests.cast import PASSWORD, Cast
from tests.companies.conftest import visitor

pytestmark = pytest.mark.django_db

NOWHERE = "0.0.0.0"  # noqa: S104 - what stands where a server names no peer
PROXIES = [ip_network("10.0.0.0/8"), ip_network("fd00::/8")]


def log_in(email: str, password: str, **seen: str) -> bool:
    """Whether the login page lets this in."""
    fields = {"login": email, "password": password}
    return Client().post("/accounts/login/", fields, **seen).status_code == 302


def fail(email: str, times: int, **seen: str) -> None:
    for _ in range(times):
        assert not log_in(email, "wrong", **seen)


# Whom a wrong password locks out


def test_a_wrong_password_for_one_person_never_locks_out_another(cast: Cast) -> None:
    fail("mona@example.test", 40)
    assert log_in("pat@example.test", PASSWORD)


def test_wrong_logins_with_made_up_addresses_lock_out_nobody_at_the_same_address(
    cast: Cast,
) -> None:
    for number in range(30):
        assert not log_in(f"nobody-{number}@example.test", "wrong")
    assert log_in("pat@example.test", PASSWORD)


def test_five_wrong_passwords_and_the_sixth_is_not_even_looked_at(cast: Cast) -> None:
    fail("pat@example.test", 5)
    assert not log_in("pat@example.test", PASSWORD)


def test_who_is_locked_out_at_one_place_logs_in_at_another(cast: Cast, settings: Any) -> None:
    settings.TRUSTED_PROXIES = [ip_network("127.0.0.1")]
    fail("pat@example.test", 8, HTTP_X_FORWARDED_FOR="203.0.113.9")
    assert not log_in("pat@example.test", PASSWORD, HTTP_X_FORWARDED_FOR="203.0.113.9")
    assert log_in("pat@example.test", PASSWORD, HTTP_X_FORWARDED_FOR="203.0.113.10")


def test_wrong_passwords_from_everywhere_are_counted_together(cast: Cast, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {
        **settings.ACCOUNT_RATE_LIMITS,
        "login_failed_anywhere": "9/h/key",
    }
    settings.TRUSTED_PROXIES = [ip_network("127.0.0.1")]
    for number in range(9):
        fail("pat@example.test", 1, HTTP_X_FORWARDED_FOR=f"203.0.113.{number}")
    assert not log_in("pat@example.test", PASSWORD, HTTP_X_FORWARDED_FOR="203.0.113.99")
    assert log_in("mona@example.test", PASSWORD, HTTP_X_FORWARDED_FOR="203.0.113.99")


def test_logins_that_succeed_are_not_counted(cast: Cast) -> None:
    assert all(log_in("pat@example.test", PASSWORD) for _ in range(12))


def test_one_client_behind_the_proxy_never_locks_out_all(cast: Cast, settings: Any) -> None:
    settings.TRUSTED_PROXIES = [ip_network("127.0.0.1")]
    settings.ACCOUNT_RATE_LIMITS = {
        **settings.ACCOUNT_RATE_LIMITS,
        "login_failed": "5/5m/key,20/m/ip",
    }
    bad, good = {"HTTP_X_FORWARDED_FOR": "203.0.113.9"}, {"HTTP_X_FORWARDED_FOR": "203.0.113.10"}
    for number in range(30):
        assert not log_in(f"nobody-{number}@example.test", "wrong", **bad)
    assert not log_in("pat@example.test", PASSWORD, **bad)
    assert log_in("pat@example.test", PASSWORD, **good)


def test_a_made_up_header_wins_no_further_tries(cast: Cast) -> None:
    for number in range(5):
        fail("pat@example.test", 1, HTTP_X_FORWARDED_FOR=f"203.0.113.{number}")
    assert not log_in("pat@example.test", PASSWORD, HTTP_X_FORWARDED_FOR="203.0.113.77")


def test_where_one_is_logged_in_shows_the_clients_address(cast: Cast, settings: Any) -> None:
    settings.TRUSTED_PROXIES = [ip_network("127.0.0.1")]
    client = Client(HTTP_X_FORWARDED_FOR="198.51.100.1, 203.0.113.9")
    client.post("/accounts/login/", {"login": "pat@example.test", "password": PASSWORD})
    page = client.get("/accounts/sessions/").content.decode()
    assert "203.0.113.9" in page
    assert "198.51.100.1" not in page


# The client's address


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.9", "", "203.0.113.9"),
        ("203.0.113.9", "1.2.3.4", "203.0.113.9"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "1.2.3.4, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "1.2.3.4, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", "1.2.3.4, unknown", "10.0.0.1"),
        ("10.0.0.1", "unknown, 10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", ",, ,", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.9:4711", "203.0.113.9"),
        ("10.0.0.1", "[2001:db8::7]:4711", "2001:db8::7"),
        ("fd00::1", "2001:db8::7", "2001:db8::7"),
        ("fe80::7%eth0", "", "fe80::7"),
        ("::ffff:10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("", "203.0.113.9", NOWHERE),
        ("not an address", "203.0.113.9", NOWHERE),
    ],
)
def test_the_client_is_the_first_stranger_from_the_right(
    peer: str, forwarded: str, client: str
) -> None:
    assert client_address(peer, forwarded, PROXIES) == client


def test_without_trusted_proxies_the_peer_is_the_client() -> None:
    assert client_address("127.0.0.1", "203.0.113.9", []) == "127.0.0.1"


def test_trusted_proxies_are_addresses_or_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read().trusted_proxies == ()
    monkeypatch.setenv("CROSSDOCK_TRUSTED_PROXIES", "10.0.0.5, 172.16.0.0/12,fd00::/8")
    assert [str(one) for one in read().trusted_proxies] == [
        "10.0.0.5/32", "172.16.0.0/12", "fd00::/8",
    ]  # fmt: skip
    monkeypatch.setenv("CROSSDOCK_TRUSTED_PROXIES", "proxy.example.test")
    with pytest.raises(BadSetting, match="CROSSDOCK_TRUSTED_PROXIES lists addresses or networks"):
        read()


# Where tries are counted


@pytest.mark.django_db(transaction=True)
def test_tries_are_counted_for_all_processes_and_over_restarts(cast: Cast) -> None:
    fail("pat@example.test", 5)
    in_another_process = (
        "import django; django.setup()\n"
        "from django.conf import settings\n"
        f"settings.DATABASES['default']['NAME'] = {connection.settings_dict['NAME']!r}\n"
        "settings.PASSWORD_HASHERS = ['django.contrib.auth.hashers.MD5PasswordHasher']\n"
        "settings.STORAGES['staticfiles'] = "
        "{'BACKEND': 'django.contrib.staticfiles.storage.StaticFilesStorage'}\n"
        "from django.test import Client\n"
        "for who in ('pat', 'mona'):\n"
        f"    fields = {{'login': f'{{who}}@example.test', 'password': {PASSWORD!r}}}\n"
        "    print(Client(HTTP_HOST='localhost').post('/accounts/login/', fields).status_code)\n"
    )
    source = str(Path(__file__).parents[2] / "src")
    answered = subprocess.run(
        [sys.executable, "-c", in_another_process],
        env={**os.environ, "PYTHONPATH": source, "DJANGO_SETTINGS_MODULE": "crossdock.settings"},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert answered.stdout.split() == ["200", "302"], answered.stderr


def test_what_is_counted_names_nobody(cast: Cast) -> None:
    fail("pat@example.test", 2)
    kept = [f"{one.key} {one.value}" for one in Tally.objects.all()]
    assert kept
    assert not [text for text in kept if "pat" in text or "127.0.0.1" in text]


def test_what_is_kept_is_given_back_until_its_time_is_over(cast: Cast) -> None:
    assert cache.get("a") is None
    cache.set("a", [1.5, 2.5], 60)
    assert cache.get("a") == [1.5, 2.5]
    assert not cache.add("a", "other", 60)
    assert cache.add("b", True, 60)
    assert not cache.add("b", True, 60)
    cache.set("c", 1, -1)
    assert cache.get("c") is None
    assert cache.add("c", 2, None)
    assert cache.get("c") == 2
    assert cache.touch("a", -1)
    assert not cache.touch("a")
    assert cache.delete("b")
    assert not cache.delete("b")
    cache.clear()
    assert not Tally.objects.exists()


def test_a_browser_that_is_logged_in_stays_so_while_others_fail(cast: Cast) -> None:
    client = visitor(cast.pat)
    fail("pat@example.test", 8)
    assert client.get("/c/acme/orders/").status_code == 200
