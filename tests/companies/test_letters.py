"""Letters: from the public address, in our own words, to whom they belong, and never in a page's way."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as ours
from django.core import mail
from django.test import Client

from crossdock.companies.jobs import mail_reset
from crossdock.companies.letters import LetterNotSent
from crossdock.companies.models import Membership, Person
from tests.cast import Cast
from tests.companies.conftest import Post, link_in, text_of, visitor

pytestmark = pytest.mark.django_db

RESET = "/accounts/password/reset/"


def forgot(email: str, **more: str) -> Any:
    return Client(**more).post(RESET, {"email": email}, follow=True)


@pytest.mark.parametrize("host", ["localhost:9", "127.0.0.1", "localhost"])
def test_a_reset_letter_is_built_from_the_public_address_whatever_host_was_asked(
    cast: Cast, post: Post, host: str
) -> None:
    forgot("pat@example.test", HTTP_HOST=host)
    (letter,) = post()
    assert letter.to == ["pat@example.test"]
    assert "https://desk.example.test/accounts/password/reset/key/" in letter.body
    assert letter.subject == "Set a new password"
    for word in ("localhost", "127.0.0.1", "Hello", "sign up", "example.com", "[", "127"):
        assert word not in f"{letter.subject} {letter.body}"


def test_a_reset_sets_the_password_and_does_no_more(cast: Cast, post: Post) -> None:
    before = visitor(cast.pat)
    forgot("pat@example.test")
    reader = Client()
    form = reader.get(link_in(post()[0]), follow=True)
    fields = {"password1": "another-long-secret", "password2": "another-long-secret"}
    reader.post(form.redirect_chain[-1][0], fields)
    pat = Person.objects.get(pk=cast.pat.pk)
    assert visitor(pat, "another-long-secret").get("/c/acme/orders/").status_code == 200
    assert before.get("/c/acme/orders/").status_code == 302, "logged out everywhere"
    assert not pat.is_proven
    assert list(pat.memberships.values_list("company__slug", "role")) == [("acme", "packer")]


def test_a_reset_link_works_once(cast: Cast, post: Post) -> None:
    forgot("pat@example.test")
    link = link_in(post()[0])
    reader = Client()
    form = reader.get(link, follow=True)
    fields = {"password1": "another-long-secret", "password2": "another-long-secret"}
    reader.post(form.redirect_chain[-1][0], fields)
    again = Client().get(link, follow=True)
    assert "password1" not in again.content.decode()


def test_an_address_that_can_log_in_is_answered_like_one_that_cannot(
    cast: Cast, post: Post
) -> None:
    known, unknown = forgot("pat@example.test"), forgot("nobody@example.test")
    assert text_of(known) == text_of(unknown)
    assert [letter.to for letter in post()] == [["pat@example.test"]]


def test_somebody_elses_wish_for_an_address_sends_them_no_reset_letter_for_it(
    cast: Cast, post: Post
) -> None:
    packer = visitor(cast.pat)
    packer.post("/accounts/reauthenticate/?next=/", {"password": "correct-horse-battery"})
    packer.post("/accounts/email/", {"email": "cfo@victim.test"})
    post()
    forgot("cfo@victim.test")
    assert post() == []


def test_whoever_locked_themselves_out_logs_in_at_once_with_the_new_password(
    cast: Cast, post: Post
) -> None:
    for _ in range(7):
        Client().post("/accounts/login/", {"login": "pat@example.test", "password": "wrong"})
    forgot("pat@example.test")
    reader = Client()
    form = reader.get(link_in(post()[0]), follow=True)
    fields = {"password1": "another-long-secret", "password2": "another-long-secret"}
    reader.post(form.redirect_chain[-1][0], fields)
    assert visitor(cast.pat, "another-long-secret")


def test_without_a_mail_server_the_page_says_whom_to_ask(cast: Cast, settings: Any) -> None:
    settings.EMAIL_HOST = ""
    for page in (Client().get(RESET), forgot("pat@example.test")):
        assert page.status_code == 200
        assert "Ask whoever runs this installation" in text_of(page)
        assert '<form method="post" action="/accounts/password/reset' not in page.content.decode()


def test_a_company_and_a_person_named_badly_make_no_header(cast: Cast, post: Post) -> None:
    cast.acme.name, cast.alice.name = "Acme\r\nBcc: all@example.test", "Alice\nAng"
    cast.acme.save()
    cast.alice.save()
    form = {"email": "new@example.test", "name": "New", "role": "viewer"}
    visitor(cast.alice).post("/c/acme/people/", form)
    (letter,) = post()
    assert letter.to == ["new@example.test"]
    assert letter.bcc == []
    assert letter.subject == "Alice Ang invites you to Acme Bcc: all@example.test"
    assert not Membership.objects.filter(person__email="new@example.test").exists()


@pytest.fixture
def silent_server(settings: Any) -> Iterator[Any]:
    """A mail server that takes the call and never says a word."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = listening.getsockname()
        settings.EMAIL_USE_TLS = False
        yield settings


def test_a_mail_server_that_says_nothing_holds_no_page(cast: Cast, silent_server: Any) -> None:
    began = time.monotonic()
    forgot("pat@example.test")
    assert time.monotonic() - began < 5
    assert not mail.outbox


def test_a_letter_gives_up_after_ten_seconds_and_says_no_address(
    cast: Cast, silent_server: Any
) -> None:
    assert ours.EMAIL_TIMEOUT == 10
    silent_server.EMAIL_TIMEOUT = 0.2
    with pytest.raises(LetterNotSent) as told:
        mail_reset(cast.pat.pk)
    assert "pat@" not in str(told.value)


def test_a_process_without_a_mail_server_loses_no_letter(cast: Cast, settings: Any) -> None:
    settings.EMAIL_HOST = ""
    with pytest.raises(LetterNotSent):
        mail_reset(cast.pat.pk)
