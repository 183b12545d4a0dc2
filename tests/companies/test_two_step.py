"""Two-step login: for everybody, with or without a mail server; what it keeps is sealed."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client

from crossdock.companies.models import Person, Voucher
from crossdock.companies.sealing import WrongKey
from crossdock.companies.two_step import SealedTwoStep
from tests.cast import PASSWORD, Cast
from tests.companies.conftest import Post, link_in, text_of, visitor

pytestmark = pytest.mark.django_db

ACTIVATE = "/accounts/2fa/totp/activate/"


def code_of(secret: str) -> str:
    """What the authenticator shows now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def activated(person: Person) -> tuple[Client, str, list[str]]:
    """Switch it on; the browser, the authenticator's secret and the recovery codes."""
    client = visitor(person)
    client.post(f"/accounts/reauthenticate/?next={ACTIVATE}", {"password": PASSWORD})
    assert client.get(ACTIVATE).status_code == 200
    secret = client.session["mfa.totp.secret"]
    answer = client.post(ACTIVATE, {"code": code_of(secret)}, follow=True)
    assert answer.status_code == 200
    assert Authenticator.objects.filter(user=person, type="totp").exists(), text_of(answer)
    codes = client.get("/accounts/2fa/recovery-codes/download/").content.decode().split()
    return client, secret, [code for code in codes if code.isdigit()]


def log_in(person: Person, code: str, password: str = PASSWORD) -> bool:
    """Whether password and this code let the person in."""
    client = Client()
    fields = {"login": person.email, "password": password}
    first = client.post("/accounts/login/", fields)
    assert first["Location"] == "/accounts/2fa/authenticate/"
    assert client.get("/c/acme/orders/").status_code == 302, "the password alone is not enough"
    client.post("/accounts/2fa/authenticate/", {"code": code})
    return client.get("/c/acme/orders/").status_code == 200


def test_without_a_mail_server_everybody_can_switch_it_on(cast: Cast, settings: Any) -> None:
    settings.EMAIL_HOST = ""
    _, secret, codes = activated(cast.pat)
    assert len(codes) == 10
    assert log_in(cast.pat, code_of(secret))
    assert not log_in(cast.pat, "000000")
    assert log_in(cast.pat, codes[0])
    assert not log_in(cast.pat, codes[0]), "a recovery code works once"


def test_a_code_works_once(cast: Cast, settings: Any) -> None:
    settings.EMAIL_HOST = ""
    _, secret, _ = activated(cast.pat)
    code = code_of(secret)
    assert log_in(cast.pat, code)
    assert not log_in(cast.pat, code)


def test_with_a_mail_server_the_address_is_confirmed_first(cast: Cast, post: Post) -> None:
    client = visitor(cast.pat)
    client.post("/accounts/reauthenticate/?next=/", {"password": PASSWORD})
    led = client.get(ACTIVATE, follow=True)
    assert led.redirect_chain[-1][0].startswith("/accounts/email/")
    assert "Confirm your e-mail address first" in text_of(led)
    assert client.post(ACTIVATE, {"code": "123456"})["Location"] == "/accounts/email/"
    Person.objects.filter(pk=cast.pat.pk).update(vouched_by=Voucher.MAIL)
    _, secret, _ = activated(Person.objects.get(pk=cast.pat.pk))
    assert log_in(cast.pat, code_of(secret))


def test_a_password_reset_by_mail_does_not_get_past_the_second_step(
    cast: Cast, settings: Any, post: Post
) -> None:
    settings.EMAIL_HOST = ""
    _, secret, _ = activated(cast.pat)
    settings.EMAIL_HOST = "mail.example.test"
    Client().post("/accounts/password/reset/", {"email": cast.pat.email})
    reader = Client()
    form = reader.get(link_in(post()[0]), follow=True).redirect_chain[-1][0]
    reader.post(form, {"password1": "another-long-secret", "password2": "another-long-secret"})
    assert reader.get("/c/acme/orders/").status_code == 302
    assert not log_in(cast.pat, "000000", "another-long-secret")
    assert log_in(cast.pat, code_of(secret), "another-long-secret")


def test_the_password_is_asked_for_before_it_is_switched_off_or_codes_are_shown(
    cast: Cast, settings: Any
) -> None:
    settings.EMAIL_HOST = ""
    client, _, _ = activated(cast.pat)
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 0
    for path in ("totp/deactivate/", "recovery-codes/", "recovery-codes/generate/"):
        answer = client.get(f"/accounts/2fa/{path}")
        assert answer.status_code == 302, path
        assert "reauthenticate" in answer["Location"], path
    client.post("/accounts/2fa/totp/deactivate/")
    assert Authenticator.objects.filter(user=cast.pat, type="totp").exists()


def test_seeds_lie_sealed_in_the_database(cast: Cast, settings: Any) -> None:
    settings.EMAIL_HOST = ""
    _, secret, codes = activated(cast.pat)
    rows = list(Authenticator.objects.values_list("data", flat=True))
    assert len(rows) == 2
    told = json.dumps(rows)
    assert secret not in told
    assert not [code for code in codes if code in told]
    assert all(str(row.get("secret") or row.get("seed")).startswith("sealed:") for row in rows)


def test_seeds_of_another_installations_keys_do_not_open(settings: Any) -> None:
    sealed = SealedTwoStep().encrypt("SECRET")
    assert SealedTwoStep().decrypt(sealed) == "SECRET"
    settings.TOKEN_KEYS = ("4Q0Yt0W3zGSpH7sGZ3Y3c9kD5J0a5t3wIYkz9tqk5nM=",)
    with pytest.raises(WrongKey):
        SealedTwoStep().decrypt(sealed)


@pytest.mark.django_db(transaction=True)
def test_seeds_that_lay_in_clear_are_sealed_by_the_upgrade_and_still_open(
    cast: Cast, settings: Any
) -> None:
    settings.EMAIL_HOST = ""
    _, secret, codes = activated(cast.pat)
    MigrationExecutor(connection).migrate([("companies", "0006_addresses_that_nobody_proved")])
    assert Authenticator.objects.get(type="totp").data["secret"] == secret
    assert log_in(cast.pat, code_of(secret)), "a version before this one wrote it in clear"
    MigrationExecutor(connection).migrate([("companies", "0007_two_step_seeds_are_sealed")])
    assert Authenticator.objects.get(type="totp").data["secret"].startswith("sealed:")
    assert log_in(cast.pat, codes[0])
