"""The page of the one-time link: a new installation's first owner is made once, by whoever holds it."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from crossdock.companies.models import Company, Membership, Person, Voucher
from crossdock.ops.models import Installation
from crossdock.ops.owner import OwnerRefused, Wanted, make_owner
from crossdock.ops.owner_link import is_owned, new_link
from tests.cast import PASSWORD, Cast
from tests.companies.conftest import text_of

pytestmark = pytest.mark.django_db

FIELDS = {
    "company": "阿里商店",
    "name": "Olivia Ong",
    "email": "olivia@example.test",
    "password1": PASSWORD,
    "password2": PASSWORD,
}


def path_of(link: str) -> str:
    return "/" + link.split("/", 3)[3]


@pytest.fixture
def path(db: Any) -> str:
    """The link's path, as whoever starts the installation reads it."""
    return path_of(new_link())


def nobody_is_there() -> bool:
    return not (Company.objects.exists() or Person.objects.exists())


# What it is for


def test_whoever_holds_the_link_makes_company_and_owner_and_is_led_in(path: str) -> None:
    visitor = Client()
    page = visitor.get(path)
    assert page.status_code == 200
    assert "Company's name" in page.content.decode().replace("&#x27;", "'")
    answer = visitor.post(path, FIELDS)
    assert (answer.status_code, answer["Location"]) == (302, "/c/company/orders/")
    assert "阿里商店" in visitor.get("/c/company/orders/").content.decode()
    owner = Membership.objects.get()
    assert (owner.role, owner.company.name) == ("owner", "阿里商店")
    assert (owner.person.name, owner.person.email) == ("Olivia Ong", "olivia@example.test")
    assert owner.person.vouched_by == Voucher.OPERATOR
    assert owner.person.check_password(PASSWORD)
    assert visitor.session.session_key


def test_opening_the_link_spends_nothing(path: str) -> None:
    for _ in range(3):
        assert Client().get(path).status_code == 200
        assert Client().head(path).status_code == 200
    assert nobody_is_there()
    assert Client().post(path, FIELDS).status_code == 302


def test_a_mistake_costs_nothing_and_what_was_typed_stays(path: str) -> None:
    visitor = Client()
    answer = visitor.post(path, {**FIELDS, "password2": "something else"})
    assert "match" in text_of(answer)
    assert 'value="olivia@example.test"' in answer.content.decode()
    assert PASSWORD not in answer.content.decode()
    assert visitor.post(path, FIELDS).status_code == 302


# When it is dead


def spend(path: str) -> None:
    assert Client().post(path, FIELDS).status_code == 302


def wait_a_day(_: str) -> None:
    Installation.objects.update(owner_link_until=timezone.now() - timedelta(seconds=1))


def start_again(_: str) -> None:
    new_link()


def use_the_command(_: str) -> None:
    make_owner(Wanted("Acme", "a@example.test", "A", PASSWORD))


def use_the_command_and_remove_the_owner(_: str) -> None:
    use_the_command(_)
    Membership.objects.all().delete()


@pytest.mark.parametrize(
    "happens",
    [spend, wait_a_day, start_again, use_the_command, use_the_command_and_remove_the_owner],
)
def test_a_link_that_is_not_good_makes_nobody_and_says_what_to_do(
    path: str, happens: Callable[[str], None]
) -> None:
    happens(path)
    there = Company.objects.count(), Person.objects.count()
    other = {**FIELDS, "company": "Other", "email": "other@example.test"}
    for answer in (Client().get(path), Client().post(path, other)):
        assert answer.status_code == 404
        assert "crossdock first-owner prints a new link" in text_of(answer)
        assert "password1" not in answer.content.decode()
    assert (Company.objects.count(), Person.objects.count()) == there


@pytest.mark.parametrize(
    "token", ["x", "%00", "%ED%A0%BD", "%FF", "a" * 5000, "²", "..", "set-password"]
)
def test_a_guessed_link_looks_like_one_that_was_spent(path: str, token: str) -> None:
    spent = path_of(new_link())
    spend(spent)
    told = [Client().get(one) for one in (spent, f"/first-owner/{token}/")]
    assert [one.status_code for one in told] == [404, 404]
    assert text_of(told[0]) == text_of(told[1])


def test_before_any_link_was_printed_no_token_is_good(db: Any) -> None:
    Installation.objects.update_or_create(pk=1, defaults={"owner_link": ""})
    assert Client().post("/first-owner/x/", FIELDS).status_code == 404
    assert nobody_is_there()


@pytest.mark.django_db(transaction=True)
def test_of_two_people_with_the_link_at_once_one_is_the_owner(path: str) -> None:
    answers = at_once(
        *(
            lambda n=n: Client().post(
                path, {**FIELDS, "company": f"C{n}", "email": f"p{n}@example.test"}
            )
            for n in range(4)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [302, 404, 404, 404]
    assert Membership.objects.count() == Company.objects.count() == Person.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_link_makes_nobody_while_the_command_is_making_an_owner(path: str) -> None:
    """The command holds its transaction open until the page has been asked and waits."""
    waits, answers = threading.Event(), []

    def by_link() -> None:
        waits.set()
        answers.append(Client().post(path, FIELDS))
        connection.close()

    asked = threading.Thread(target=by_link)
    with transaction.atomic():
        use_the_command(path)
        asked.start()
        assert waits.wait(30)
        asked.join(0.5)
        assert asked.is_alive(), "the page waits for the command"
    asked.join(30)
    assert answers[0].status_code == 404
    assert Membership.objects.get().person.email == "a@example.test"


def at_once(*deeds: Callable[[], Any]) -> list[Any]:
    """What came of these, all begun at the same moment."""
    gate, found = threading.Barrier(len(deeds)), []

    def run(deed: Callable[[], Any]) -> None:
        gate.wait(30)
        found.append(deed())
        connection.close()

    threads = [threading.Thread(target=run, args=[deed]) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return found


# What is sent to it


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"company": "x" * 121}, "at most 120"),
        ({"company": "!!!"}, "at least one letter or digit"),
        ({"company": "A\x00B"}, "Null characters"),
        ({"company": "A\x1b[1mB"}, "control characters"),
        ({"company": ""}, "This field is required"),
        ({"name": "A\x00"}, "Null characters"),
        ({"name": "A\x07"}, "control characters"),
        ({"name": "n" * 9000}, "at most 120"),
        ({"email": "no address"}, "valid email"),
        ({"email": "a" * 400 + "@example.test"}, "at most 254"),
        ({"email": "\x00@example.test"}, "Null characters"),
        ({"password1": "short", "password2": "short"}, "10 characters"),
        ({"password1": "password123", "password2": "password123"}, "too common"),
    ],
)
def test_what_cannot_be_is_refused_in_words_and_the_link_stays_good(
    path: str, wrong: dict[str, str], words: str
) -> None:
    visitor = Client()
    answer = visitor.post(path, {**FIELDS, **wrong})
    assert answer.status_code == 200
    assert words in text_of(answer)
    assert nobody_is_there()
    assert visitor.post(path, FIELDS).status_code == 302


def test_half_a_character_is_no_error_page(path: str) -> None:
    body = "company=%ED%A0%BD&name=%ED%A0%BD&email=%ED%A0%BD%40example.test&password1=x&password2=x"
    kind = "application/x-www-form-urlencoded"
    assert Client().generic("POST", path, body, content_type=kind).status_code == 200
    assert nobody_is_there()


@pytest.mark.parametrize("broken", ["\ud83d", "A\x00", "A\x1b"])
def test_the_command_refuses_in_words_what_cannot_be_kept(db: Any, broken: str) -> None:
    for wanted in (
        Wanted(broken, "a@example.test", "A", PASSWORD),
        Wanted("A", f"{broken}@example.test", "A", PASSWORD),
        Wanted("A", "a@example.test", broken, PASSWORD),
    ):
        with pytest.raises(OwnerRefused, match="control characters or broken letters"):
            make_owner(wanted)
    assert nobody_is_there()


def test_the_link_opens_nobody_elses_login(cast: Cast) -> None:
    Membership.objects.filter(role="owner").delete()
    path = path_of(new_link())
    answer = Client().post(path, {**FIELDS, "email": "PAT@example.test"})
    assert "can log in here already" in text_of(answer)
    assert not is_owned()
    cast.pat.refresh_from_db()
    assert cast.pat.check_password(PASSWORD)
    assert not Company.objects.filter(name=FIELDS["company"]).exists()


def test_a_form_of_another_site_is_refused(path: str) -> None:
    visitor = Client(enforce_csrf_checks=True)
    page = visitor.get(path).content.decode()
    (token,) = set(re.findall(r'csrfmiddlewaretoken" value="(\w+)"', page)[:1])
    good = {**FIELDS, "csrfmiddlewaretoken": token}
    assert visitor.post(path, FIELDS).status_code == 403
    assert visitor.post(path, good, headers={"Origin": "https://evil.example"}).status_code == 403
    assert nobody_is_there()
    assert visitor.post(path, good).status_code == 302


def test_guessing_is_throttled_and_the_link_with_it(path: str) -> None:
    guesses = [Client().get(f"/first-owner/guess-{n}/").status_code for n in range(40)]
    assert guesses[0] == 404
    assert guesses[-1] == 429
    assert Client().post(path, FIELDS).status_code == 429
    assert Client().post(path, FIELDS, REMOTE_ADDR="203.0.113.9").status_code == 302


# Who learns of it


def test_the_page_is_kept_by_nobody_and_its_address_told_to_nobody(path: str) -> None:
    for answer in (
        Client().get(path),
        Client().get("/first-owner/x/"),
        Client().post(path, FIELDS),
    ):
        assert "no-store" in answer["Cache-Control"]
        assert answer["Referrer-Policy"] == "strict-origin"


def test_the_database_knows_a_hash_alone(path: str) -> None:
    token = path.split("/")[2]
    assert len(token) >= 43
    row = Installation.objects.get()
    assert re.fullmatch("[0-9a-f]{64}", row.owner_link)
    assert token not in str(Installation.objects.values())
    spend(path)
    assert Installation.objects.get().owner_link == ""


def test_no_log_line_holds_the_secret_of_a_link(
    path: str, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    from crossdock.ops.link_secrets import WithoutLinkSecrets

    caplog.handler.addFilter(WithoutLinkSecrets())
    caplog.set_level(logging.INFO)
    strict, token = Client(enforce_csrf_checks=True), path.split("/")[2]
    strict.post(path, FIELDS)
    strict.post(path.rstrip("/"), FIELDS)
    spend(path)
    Client().get(path)
    for dead in ("/join/1.1:secret-of-ours/", "/accounts/password/reset/key/1-secret-of-ours/"):
        strict.get(dead)
        strict.post(dead)
    assert "first-owner/…" in caplog.text
    assert "join/…" in caplog.text
    assert token not in caplog.text
    assert "secret-of-ours" not in caplog.text
