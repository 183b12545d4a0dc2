"""Invitations: nobody is in, and nothing is told of them, before they agree; a link is good once."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from crossdock.companies.invitations import LinkIsDead, accept, accept_with_password
from crossdock.companies.models import Invitation, Membership, Person, Voucher
from crossdock.companies.rights import Role
from crossdock.companies.scope import all_companies
from tests.cast import PASSWORD, Cast
from tests.companies.conftest import Post, link_in, mailbox_of, text_of, visitor

pytestmark = pytest.mark.django_db

NEW = "nina@example.test"
NEW_PASSWORD = "nina-likes-long-words"
PASSWORDS = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}


@pytest.fixture
def no_mail(settings: Any) -> None:
    settings.EMAIL_HOST = ""
    settings.PUBLIC_URL = "https://desk.example.test"


def let_in(
    owner: Client, company: str, email: str, role: str = "packer", name: str = "N.N."
) -> Any:
    """Fill in *Let somebody in*; the page that follows."""
    form = {"email": email, "name": name, "role": role}
    return owner.post(f"/c/{company}/people/", form, follow=True)


def shown_link(page: Any) -> str:
    """The path of the link that the page shows to the owner."""
    found = re.search(
        r"<code>https://desk\.example\.test(/join/\S+?)</code>", page.content.decode()
    )
    assert found, text_of(page)
    return found[1]


def role_in(company: str, email: str) -> str | None:
    member = Membership.objects.filter(company__slug=company, person__email=email).first()
    return member and member.role


def invitation_of(email: str, company: str = "acme") -> Invitation:
    with all_companies():
        return Invitation.objects.get(email=email, company__slug=company)


def prove(person: Person) -> Person:
    Person.objects.filter(pk=person.pk).update(vouched_by=Voucher.MAIL)
    return Person.objects.get(pk=person.pk)


# A newcomer


def test_a_newcomer_sets_a_password_and_is_in_in_one_step(cast: Cast, post: Post) -> None:
    page = let_in(visitor(cast.alice), "acme", NEW, "packer", "Nina Tan")
    assert not Person.objects.filter(email=NEW).exists(), "nobody is made before they agree"
    assert "/join/" not in page.content.decode(), "the link is the mailbox's alone"
    (letter,) = post()
    assert letter.to == [NEW]
    assert letter.subject == "Alice Ang invites you to Acme Trading"
    link = link_in(letter)
    newcomer = Client()
    opened = newcomer.get(link)
    assert "Acme Trading" in text_of(opened)
    assert role_in("acme", NEW) is None, "opening alone is what mail scanners do"
    newcomer.post(link, PASSWORDS)
    assert role_in("acme", NEW) == "packer"
    person = Person.objects.get(email=NEW)
    assert (person.name, person.is_proven) == ("Nina Tan", True)
    assert visitor(person, NEW_PASSWORD).get("/c/acme/orders/").status_code == 200


def test_a_link_works_once(cast: Cast, post: Post) -> None:
    let_in(visitor(cast.alice), "acme", NEW)
    link = link_in(post()[0])
    Client().post(link, PASSWORDS)
    again = Client().post(
        link, {"new_password1": "quite-another-one", "new_password2": "quite-another-one"}
    )
    assert again.status_code == 404
    assert "Ask the person who invited you" in text_of(again)
    assert visitor(Person.objects.get(email=NEW), NEW_PASSWORD)


@pytest.mark.usefixtures("no_mail")
def test_without_a_mail_server_the_owner_is_shown_the_link_which_proves_no_address(
    cast: Cast,
) -> None:
    link = shown_link(let_in(visitor(cast.alice), "acme", NEW))
    Client().post(link, PASSWORDS)
    assert role_in("acme", NEW) == "packer"
    assert not Person.objects.get(email=NEW).is_proven


def test_a_bad_password_lets_nobody_in_and_the_link_stays_good(cast: Cast, post: Post) -> None:
    let_in(visitor(cast.alice), "acme", NEW)
    link = link_in(post()[0])
    page = Client().post(link, {"new_password1": "short", "new_password2": "short"})
    assert "at least 10 characters" in text_of(page)
    assert not Person.objects.filter(email=NEW).exists()
    Client().post(link, PASSWORDS)
    assert role_in("acme", NEW) == "packer"


def test_a_newcomer_of_two_companies_gets_both_invitations(cast: Cast, post: Post) -> None:
    let_in(visitor(cast.alice), "acme", NEW, "packer")
    let_in(visitor(cast.charlie), "bolt", NEW, "viewer")
    acme, bolt = (link_in(letter) for letter in mailbox_of(post(), NEW))
    Client().post(acme, PASSWORDS)
    nina = visitor(Person.objects.get(email=NEW), NEW_PASSWORD)
    assert role_in("bolt", NEW) is None
    nina.post(bolt)
    assert (role_in("acme", NEW), role_in("bolt", NEW)) == ("packer", "viewer")


@pytest.mark.django_db(transaction=True)
def test_two_readers_of_one_letter_at_the_same_moment_set_one_password(
    cast: Cast, post: Post
) -> None:
    let_in(visitor(cast.alice), "acme", NEW)
    link = link_in(post()[0])

    def answer(password: str) -> int:
        try:
            fields = {"new_password1": password, "new_password2": password}
            return Client().post(link, fields).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(answer, [f"password-of-reader-{number}" for number in range(4)]))
    assert sorted(answers) == [302, 404, 404, 404]
    assert Membership.objects.filter(person__email=NEW).count() == 1


# Somebody who can log in already


def test_somebody_of_another_company_is_in_once_they_agree_and_not_before(
    cast: Cast, post: Post
) -> None:
    page = let_in(visitor(cast.alice), "acme", "charlie@example.test", "manager", "Some Name")
    assert "Charlie Tan" not in text_of(page), "their name is not ours to tell"
    assert role_in("acme", "charlie@example.test") is None
    link = link_in(post()[0])
    charlie = visitor(cast.charlie)
    assert charlie.get("/c/acme/orders/").status_code == 404
    charlie.get(link)
    assert role_in("acme", "charlie@example.test") is None
    charlie.post(link)
    assert role_in("acme", "charlie@example.test") == "manager"
    assert charlie.get("/c/acme/orders/").status_code == 200


def test_whoever_has_proven_the_address_finds_the_invitation_after_logging_in(
    cast: Cast, post: Post
) -> None:
    prove(cast.charlie)
    let_in(visitor(cast.alice), "acme", "charlie@example.test", "viewer")
    charlie = visitor(cast.charlie)
    page = charlie.get("/")
    assert "Acme Trading" in text_of(page)
    path = f"/invitations/{invitation_of('charlie@example.test').pk}/"
    assert path in page.content.decode()
    assert charlie.get(path).status_code == 200
    charlie.post(path)
    assert role_in("acme", "charlie@example.test") == "viewer"


def test_whoever_only_claims_the_address_finds_no_invitation(cast: Cast, post: Post) -> None:
    let_in(visitor(cast.alice), "acme", "charlie@example.test", "owner")
    charlie = visitor(cast.charlie)
    assert "Acme" not in text_of(charlie.get("/", follow=True))
    path = f"/invitations/{invitation_of('charlie@example.test').pk}/"
    assert charlie.get(path).status_code == 404
    assert charlie.post(path).status_code == 404
    assert role_in("acme", "charlie@example.test") is None


def test_without_link_and_without_proof_agreeing_is_not_possible_by_any_door(
    cast: Cast, post: Post
) -> None:
    let_in(visitor(cast.alice), "acme", "charlie@example.test", "owner")
    asked = invitation_of("charlie@example.test")
    for visitor_here in (cast.charlie, cast.pat, None):
        with pytest.raises(LinkIsDead):
            accept(asked, visitor_here, by_link=False)
    prove(cast.charlie)
    with pytest.raises(LinkIsDead):
        accept(asked, None, by_link=False)
    Person.objects.update(vouched_by=Voucher.NOBODY)
    for visitor_here in (cast.pat, None):
        with pytest.raises(LinkIsDead):
            accept(asked, visitor_here, by_link=True)
    assert role_in("acme", "charlie@example.test") is None


@pytest.mark.usefixtures("no_mail")
def test_a_link_that_an_owner_handed_on_is_not_enough_for_an_address_that_can_log_in(
    cast: Cast,
) -> None:
    link = shown_link(let_in(visitor(cast.alice), "acme", "charlie@example.test", "manager"))
    stranger = Client()
    page = stranger.get(link)
    assert "Log in" in text_of(page)
    assert "new_password1" not in page.content.decode()
    stranger.post(link, PASSWORDS)
    stranger.post(link)
    assert role_in("acme", "charlie@example.test") is None
    assert visitor(cast.charlie), "the password is what it was"
    visitor(cast.charlie).post(link)
    assert role_in("acme", "charlie@example.test") == "manager"


def test_a_mailed_link_is_enough_where_the_address_was_proven_before(
    cast: Cast, post: Post
) -> None:
    prove(cast.charlie)
    let_in(visitor(cast.alice), "acme", "charlie@example.test", "viewer")
    reader = Client()
    answer = reader.post(link_in(post()[0]))
    assert role_in("acme", "charlie@example.test") == "viewer"
    assert answer["Location"].startswith("/accounts/login/"), "being in is not being logged in"
    assert reader.get("/c/acme/orders/").status_code == 302


def test_the_reader_of_the_mailbox_ends_the_password_of_whoever_only_claimed_it(
    cast: Cast, post: Post
) -> None:
    squatter = visitor(cast.charlie)
    let_in(visitor(cast.alice), "acme", "charlie@example.test", "manager")
    Client().post(link_in(post()[0]), PASSWORDS)
    assert role_in("acme", "charlie@example.test") == "manager"
    assert squatter.get("/c/acme/orders/").status_code == 302, "logged out"
    tried = Client().post(
        "/accounts/login/", {"login": "charlie@example.test", "password": PASSWORD}
    )
    assert tried.status_code == 200, "the form again"
    assert visitor(cast.charlie, NEW_PASSWORD).get("/c/acme/orders/").status_code == 200


def test_another_person_who_is_logged_in_cannot_use_the_link(cast: Cast, post: Post) -> None:
    let_in(visitor(cast.alice), "acme", "charlie@example.test", "manager")
    let_in(visitor(cast.alice), "acme", NEW, "manager")
    for link in map(link_in, post()):
        other = visitor(cast.pat)
        page = text_of(other.get(link))
        assert "You are logged in as pat@example.test" in page
        other.post(link)
        other.post(link, PASSWORDS)
    assert role_in("acme", "pat@example.test") == "packer"
    assert role_in("acme", "charlie@example.test") is None
    assert role_in("acme", NEW) is None


def test_a_packer_who_claims_a_coming_colleagues_address_gains_nothing(
    cast: Cast, post: Post
) -> None:
    packer = visitor(cast.pat)
    packer.post("/accounts/reauthenticate/?next=/", {"password": PASSWORD})
    packer.post("/accounts/email/", {"email": "cfo@victim.test"})
    post()
    let_in(visitor(cast.charlie), "bolt", "cfo@victim.test", "owner")
    let_in(visitor(cast.alice), "acme", "cfo@victim.test", "manager")
    letters = mailbox_of(post(), "cfo@victim.test")
    assert len(letters) == 2
    for path in ("/c/bolt/orders/", "/c/bolt/people/", "/c/acme/people/"):
        assert packer.get(path).status_code in (403, 404), path
    with all_companies():
        for invitation in Invitation.objects.all():
            assert packer.post(f"/invitations/{invitation.pk}/").status_code == 404
    assert role_in("acme", "pat@example.test") == "packer"
    Client().post(link_in(letters[0]), PASSWORDS)
    assert role_in("bolt", "cfo@victim.test") == "owner"
    assert not Person.objects.get(pk=cast.pat.pk).companies.filter(slug="bolt").exists()


@pytest.mark.parametrize("email", ["charlie@example.test", "nobody@example.test"])
@pytest.mark.usefixtures("no_mail")
def test_an_owner_reads_the_same_whether_the_address_can_log_in_or_not(
    cast: Cast, email: str
) -> None:
    page = text_of(let_in(visitor(cast.alice), "acme", email))
    page = page.replace(email, "…")
    page = re.sub(r"https://\S+", "LINK", re.sub(r"\d\d \w+ \d{4}, \d\d:\d\d", "TIME", page))
    expected = (
        "give this link to … yourself. It works once, for 24 hours, and is shown only now. LINK"
    )
    assert expected in page
    assert "Invited, and not in yet" in page
    assert "Charlie" not in page


# What an owner can do


def test_a_member_is_told_as_such_and_keeps_the_role(cast: Cast, post: Post) -> None:
    page = text_of(let_in(visitor(cast.alice), "acme", "pat@example.test", "manager"))
    assert "Pat Devi (pat@example.test) is a member already, as packer, and stays that." in page
    assert role_in("acme", "pat@example.test") == "packer"
    assert post() == []


def test_inviting_again_with_another_role_changes_the_open_invitation(
    cast: Cast, post: Post
) -> None:
    owner = visitor(cast.alice)
    let_in(owner, "acme", NEW, "owner")
    let_in(owner, "acme", NEW, "viewer")
    letters = post()
    assert len(letters) == 1, "the first link is dead before it was sent"
    Client().post(link_in(letters[0]), PASSWORDS)
    assert role_in("acme", NEW) == "viewer"


def test_a_new_link_ends_the_one_before(cast: Cast, post: Post) -> None:
    owner = visitor(cast.alice)
    let_in(owner, "acme", NEW)
    first = link_in(post()[0])
    owner.post(f"/c/acme/people/invitations/{invitation_of(NEW).pk}/")
    second = link_in(post()[0])
    assert Client().post(first, PASSWORDS).status_code == 404
    assert role_in("acme", NEW) is None
    Client().post(second, PASSWORDS)
    assert role_in("acme", NEW) == "packer"


def test_a_revoked_invitation_lets_nobody_in(cast: Cast, post: Post) -> None:
    owner = visitor(cast.alice)
    let_in(owner, "acme", NEW)
    link = link_in(post()[0])
    page = owner.post(
        f"/c/acme/people/invitations/{invitation_of(NEW).pk}/", {"revoke": "1"}, follow=True
    )
    assert "is revoked: its link is dead" in text_of(page)
    assert Client().post(link, PASSWORDS).status_code == 404
    assert not Person.objects.filter(email=NEW).exists()


def test_an_expired_link_is_dead_and_can_be_renewed(cast: Cast, post: Post) -> None:
    owner = visitor(cast.alice)
    let_in(owner, "acme", NEW)
    link = link_in(post()[0])
    assert invitation_of(NEW).expires_at - timezone.now() <= timedelta(hours=24)
    with all_companies():
        Invitation.objects.update(expires_at=timezone.now())
    assert Client().post(link, PASSWORDS).status_code == 404
    assert "expired" in text_of(owner.get("/c/acme/people/"))
    owner.post(f"/c/acme/people/invitations/{invitation_of(NEW).pk}/")
    Client().post(link_in(post()[0]), PASSWORDS)
    assert role_in("acme", NEW) == "packer"


def test_who_was_removed_is_not_back_by_an_old_link_and_gets_a_new_one(
    cast: Cast, post: Post
) -> None:
    owner = visitor(cast.alice)
    let_in(owner, "acme", NEW)
    old = link_in(post()[0])
    Client().post(old, PASSWORDS)
    member = Membership.objects.get(person__email=NEW)
    owner.post(f"/c/acme/people/{member.pk}/", {"remove": "1", "sure": "1"})
    nina = visitor(Person.objects.get(email=NEW), NEW_PASSWORD)
    assert nina.post(old).status_code == 404
    assert role_in("acme", NEW) is None
    let_in(owner, "acme", NEW, "viewer")
    nina.post(link_in(post()[0]))
    assert role_in("acme", NEW) == "viewer"


@pytest.mark.parametrize("deed", [{"remove": "1"}, {"role": "packer"}])
def test_what_a_former_owner_sent_dies_with_the_right_to_invite(
    cast: Cast, post: Post, deed: dict[str, str]
) -> None:
    Membership.objects.filter(person=cast.mona).update(role=Role.OWNER)
    let_in(visitor(cast.mona), "acme", NEW, "owner")
    link = link_in(post()[0])
    member = Membership.objects.get(person=cast.mona)
    visitor(cast.alice).post(f"/c/acme/people/{member.pk}/", {**deed, "sure": "1"})
    assert Client().post(link, PASSWORDS).status_code == 404
    assert role_in("acme", NEW) is None


def test_who_declines_is_not_in_and_the_link_is_dead(cast: Cast, post: Post) -> None:
    let_in(visitor(cast.alice), "acme", NEW)
    link = link_in(post()[0])
    Client().post(link, {"decline": "1"})
    assert Client().post(link, PASSWORDS).status_code == 404
    assert "Invited, and not in yet" not in text_of(visitor(cast.alice).get("/c/acme/people/"))


def test_no_role_is_chosen_beforehand_and_none_is_a_mistake(cast: Cast, post: Post) -> None:
    owner = visitor(cast.alice)
    page = owner.get("/c/acme/people/").content.decode()
    form = page[page.index('id="invite"') :]
    assert re.findall(r'<option value="([^"]*)"\s+selected', form) == [""]
    refused = owner.post("/c/acme/people/", {"email": NEW, "name": "Nina", "role": ""})
    assert "required" in text_of(refused)
    assert post() == []


@pytest.mark.parametrize("who", ["mona", "bo", "pat", "vic", "charlie"])
def test_only_owners_invite_renew_and_revoke(cast: Cast, post: Post, who: str) -> None:
    let_in(visitor(cast.alice), "acme", NEW)
    path = f"/c/acme/people/invitations/{invitation_of(NEW).pk}/"
    other = visitor(getattr(cast, who))
    refused = {403} if who != "charlie" else {404}
    assert {other.post(path).status_code, other.post(path, {"revoke": "1"}).status_code} == refused
    assert let_in(other, "acme", "x@example.test").status_code in refused
    assert invitation_of(NEW).revoked_at is None
    assert len(post()) == 1


def test_another_companys_invitation_is_not_found(cast: Cast, post: Post) -> None:
    let_in(visitor(cast.alice), "acme", NEW)
    path = f"/c/bolt/people/invitations/{invitation_of(NEW).pk}/"
    assert visitor(cast.charlie).post(path, {"revoke": "1"}).status_code == 404
    assert invitation_of(NEW).revoked_at is None


def test_invitations_of_one_owner_are_limited(cast: Cast, post: Post, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "invite": "2/h/user"}
    owner = visitor(cast.alice)
    pages = [text_of(let_in(owner, "acme", f"n{number}@example.test")) for number in range(3)]
    assert ["very many invitations" in page for page in pages] == [False, False, True]
    assert len(post()) == 2


# Letters that do not go out


def test_the_owner_sees_that_the_mail_server_did_not_take_the_letter(
    cast: Cast, mail_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from crossdock.companies.jobs import mail_invitation
    from crossdock.companies.letters import LetterNotSent

    owner = visitor(cast.alice)
    let_in(owner, "acme", NEW)
    asked = invitation_of(NEW)
    assert "being sent" in text_of(owner.get("/c/acme/people/"))

    def refuse(self: Any) -> int:
        raise ConnectionRefusedError(f"no mail for {NEW}")

    with monkeypatch.context() as broken:
        broken.setattr("django.core.mail.EmailMessage.send", refuse)
        with pytest.raises(LetterNotSent) as told:
            mail_invitation(cast.acme.pk, asked.pk, asked.link_number)
    assert NEW not in str(told.value), "errors of jobs are logged"
    assert "not sent yet" in text_of(owner.get("/c/acme/people/"))
    mail_invitation(cast.acme.pk, asked.pk, asked.link_number)
    assert "sent, good until" in text_of(owner.get("/c/acme/people/"))


def test_a_letter_that_is_tried_again_too_late_is_not_sent(cast: Cast, post: Post) -> None:
    let_in(visitor(cast.alice), "acme", NEW)
    with all_companies():
        Invitation.objects.update(expires_at=timezone.now())
    assert post() == []


def test_whoever_opened_the_page_before_a_newer_link_was_sent_joins_nothing(
    cast: Cast, post: Post
) -> None:
    owner = visitor(cast.alice)
    let_in(owner, "acme", NEW, "owner")
    seen = invitation_of(NEW)
    let_in(owner, "acme", NEW, "viewer")
    with pytest.raises(LinkIsDead):
        accept_with_password(seen, NEW_PASSWORD)
    assert not Person.objects.filter(email=NEW).exists()
