"""The address that somebody logs in with: it is what a mailbox has confirmed, or an owner has set."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from crossdock.companies.models import AddressChange, Membership, Person, Voucher
from tests.cast import PASSWORD, Cast
from tests.companies.conftest import Post, link_in, mailbox_of, text_of, visitor

pytestmark = pytest.mark.django_db

PAGE = "/accounts/email/"
OTHER = "pat.devi@home.test"


def asked_again(client: Client) -> Client:
    """Gives the password that is asked for before the address can be changed."""
    answer = client.post(f"/accounts/reauthenticate/?next={PAGE}", {"password": PASSWORD})
    assert answer.status_code == 302
    return client


def address_of_pat(cast: Cast) -> str:
    return Person.objects.get(pk=cast.pat.pk).email


@pytest.mark.parametrize("mail_host", ["", "mail.example.test"])
def test_the_old_way_of_adding_an_address_and_making_it_the_first_changes_nothing(
    cast: Cast, settings: Any, mail_host: str
) -> None:
    settings.EMAIL_HOST = mail_host
    client = visitor(cast.pat)
    for action in ("action_add", "action_primary", "action_send", "action_remove"):
        client.post(PAGE, {action: "", "email": "cfo@victim.test"})
    assert address_of_pat(cast) == "pat@example.test"
    assert not EmailAddress.objects.exists()


def test_the_password_is_asked_for_again_before_the_page_opens(cast: Cast, post: Post) -> None:
    client = visitor(cast.pat)
    opened = client.get(PAGE)
    assert opened.status_code == 302
    assert opened["Location"].startswith("/accounts/reauthenticate/")
    refused = client.post("/accounts/reauthenticate/", {"password": "not the password"})
    assert refused.status_code == 200
    assert client.post(PAGE, {"email": OTHER}).status_code == 302
    assert not AddressChange.objects.exists()
    assert asked_again(client).get(PAGE).status_code == 200


def test_a_new_address_counts_once_the_letter_to_it_is_answered_and_the_old_one_is_told(
    cast: Cast, post: Post
) -> None:
    client = asked_again(visitor(cast.pat))
    client.post(PAGE, {"email": "Pat.Devi@Home.test"})
    (asking,) = post()
    assert asking.to == [OTHER]
    assert address_of_pat(cast) == "pat@example.test", "not before the answer"
    link = link_in(asking)
    assert client.get(link).status_code == 200
    assert address_of_pat(cast) == "pat@example.test", "opening alone is what mail scanners do"
    client.post(link)
    assert address_of_pat(cast) == OTHER
    assert Person.objects.get(pk=cast.pat.pk).is_proven
    (told,) = post()
    assert told.to == ["pat@example.test"]
    assert OTHER in told.body
    assert client.post(link).status_code == 404, "it works once"
    assert visitor(Person.objects.get(pk=cast.pat.pk))


def test_the_old_address_no_longer_logs_in(cast: Cast, post: Post) -> None:
    client = asked_again(visitor(cast.pat))
    client.post(PAGE, {"email": OTHER})
    client.post(link_in(post()[0]))
    answer = Client().post("/accounts/login/", {"login": "pat@example.test", "password": PASSWORD})
    assert answer.status_code == 200, "the form again"


def test_the_link_is_good_for_whoever_asked_and_nobody_else(cast: Cast, post: Post) -> None:
    asked_again(visitor(cast.pat)).post(PAGE, {"email": "vic@home.test"})
    link = link_in(post()[0])
    assert Client().post(link)["Location"].startswith("/accounts/login/")
    refused = visitor(cast.vic).post(link)
    assert refused.status_code == 404
    assert "another login" in text_of(refused)
    assert address_of_pat(cast) == "pat@example.test"
    assert Person.objects.get(pk=cast.vic.pk).email == "vic@example.test"


def test_only_the_newest_link_is_good_and_only_for_an_hour(cast: Cast, post: Post) -> None:
    client = asked_again(visitor(cast.pat))
    client.post(PAGE, {"email": "first@home.test"})
    first = link_in(post()[0])
    client.post(PAGE, {"email": OTHER})
    second = link_in(post()[0])
    assert client.post(first).status_code == 404
    change = AddressChange.objects.get()
    AddressChange.objects.update(asked_at=change.asked_at.replace(year=2020))
    assert client.post(second).status_code == 404
    assert address_of_pat(cast) == "pat@example.test"


def test_an_address_that_can_log_in_is_answered_like_one_that_cannot(
    cast: Cast, post: Post
) -> None:
    client = asked_again(visitor(cast.pat))
    pages = []
    for address in ("charlie@example.test", "nobody@example.test"):
        client.post(PAGE, {"email": address})
        pages.append(text_of(client.get(PAGE)).replace(address, "…"))
    assert pages[0] == pages[1]
    letters = {letter.to[0]: letter for letter in post()}
    assert set(letters) == {"nobody@example.test"}, "the newest alone"
    client.post(PAGE, {"email": "charlie@example.test"})
    (told,) = post()
    assert "can log in already" in told.body
    assert "/accounts/email/" not in told.body


def test_an_address_that_somebody_else_took_meanwhile_is_not_taken_twice(
    cast: Cast, post: Post
) -> None:
    client = asked_again(visitor(cast.pat))
    client.post(PAGE, {"email": OTHER})
    link = link_in(post()[0])
    Person.objects.create_user(OTHER, PASSWORD)
    refused = client.post(link)
    assert refused.status_code == 404
    assert "Another login has" in text_of(refused)
    assert address_of_pat(cast) == "pat@example.test"


def test_the_address_that_one_has_is_confirmed_the_same_way(cast: Cast, post: Post) -> None:
    client = asked_again(visitor(cast.pat))
    assert "not confirmed" in text_of(client.get(PAGE))
    client.post(PAGE, {"email": "pat@example.test"})
    (asking,) = post()
    client.post(link_in(asking))
    assert Person.objects.get(pk=cast.pat.pk).vouched_by == Voucher.MAIL
    assert post() == [], "nothing has changed that anybody had to be told"
    asked_again(client)
    assert "not confirmed" not in text_of(client.get(PAGE))


def test_without_a_mail_server_the_page_says_whom_to_ask(cast: Cast, settings: Any) -> None:
    settings.EMAIL_HOST = ""
    client = visitor(cast.pat)
    for answer in (client.get(PAGE), client.post(PAGE, {"email": OTHER})):
        assert answer.status_code == 200
        assert "Ask an owner" in text_of(answer)
        assert '<input type="email"' not in answer.content.decode()
    assert address_of_pat(cast) == "pat@example.test"
    assert not AddressChange.objects.exists()


def test_letters_to_strangers_are_limited(cast: Cast, post: Post) -> None:
    client = asked_again(visitor(cast.pat))
    answers = [
        client.post(PAGE, {"email": f"victim-{number}@example.test"}).status_code
        for number in range(11)
    ]
    assert answers == [302] * 10 + [429]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  MONA@Example.TEST ", "mona@example.test"),
        ("\N{KELVIN SIGN}arl@example.test", "karl@example.test"),
        ("karl@b\N{LATIN SMALL LETTER U WITH DIAERESIS}cher.test", "karl@xn--bcher-kva.test"),
        ("\N{FULLWIDTH LATIN SMALL LETTER K}arl@example.test", "karl@example.test"),
    ],
)
def test_an_address_has_one_form_however_it_is_typed(
    cast: Cast, post: Post, typed: str, kept: str
) -> None:
    asked_again_pat = asked_again(visitor(cast.pat))
    asked_again_pat.post(PAGE, {"email": typed})
    assert AddressChange.objects.get().address == kept
    assert [letter.to for letter in mailbox_of(post(), kept)] == [[kept]]


def test_pages_that_the_login_library_offers_and_this_house_does_not_want_are_gone(
    cast: Cast,
) -> None:
    client = visitor(cast.pat)
    for path in ("signup/", "confirm-email/", "password/set/", "login/code/confirm/", "3rdparty/"):
        assert client.get(f"/accounts/{path}").status_code == 404, path
    assert Membership.objects.filter(person=cast.pat).count() == 1
