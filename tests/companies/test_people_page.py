"""The People page asks before it changes anybody, and its words end as sentences do."""

from __future__ import annotations

from typing import Any

import pytest

from crossdock.companies.models import Company, Membership
from crossdock.companies.rights import Role
from tests.cast import Cast
from tests.companies.conftest import text_of, visitor

pytestmark = pytest.mark.django_db


def path_of(cast: Cast, name: str) -> str:
    member = Membership.objects.get(company=cast.acme, person=getattr(cast, name))
    return f"/c/acme/people/{member.pk}/"


@pytest.mark.parametrize(
    ("asked", "question"),
    [({"remove": "1"}, "Remove Pat Devi?"), ({"role": "owner"}, "Make Pat Devi owner?")],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_removing_and_changing_a_role_ask_first(
    cast: Cast, asked: dict[str, str], question: str, method: str
) -> None:
    owner = visitor(cast.alice)
    page = getattr(owner, method)(path_of(cast, "pat"), asked)
    assert question in text_of(page)
    assert Membership.objects.get(company=cast.acme, person=cast.pat).role == Role.PACKER
    owner.post(path_of(cast, "pat"), {**asked, "sure": "1"})
    left = Membership.objects.filter(company=cast.acme, person=cast.pat).first()
    assert (left and left.role) == asked.get("role")


def test_the_last_owner_stays(cast: Cast) -> None:
    owner = visitor(cast.alice)
    for asked in ({"remove": "1"}, {"role": "viewer"}):
        page = owner.post(path_of(cast, "alice"), {**asked, "sure": "1"}, follow=True)
        assert "A company needs an owner" in text_of(page)
    assert Membership.objects.get(company=cast.acme, person=cast.alice).role == Role.OWNER


def test_an_owner_who_leaves_is_led_out(cast: Cast) -> None:
    Membership.objects.filter(person=cast.mona).update(role=Role.OWNER)
    answer = visitor(cast.alice).post(
        path_of(cast, "alice"), {"remove": "1", "sure": "1"}, follow=True
    )
    assert answer.status_code == 200
    assert "You are in no company yet" in text_of(answer)


def test_a_role_that_does_not_exist_is_no_role(cast: Cast) -> None:
    owner = visitor(cast.alice)
    page = owner.post(path_of(cast, "pat"), {"role": "emperor", "sure": "1"}, follow=True)
    assert "Choose one of the five roles" in text_of(page)
    assert Membership.objects.get(company=cast.acme, person=cast.pat).role == Role.PACKER


def test_no_sentence_ends_with_two_full_stops(cast: Cast, settings: Any) -> None:
    settings.EMAIL_HOST = ""
    Company.objects.filter(pk=cast.acme.pk).update(name="Acme Sdn. Bhd.")
    owner = visitor(cast.alice)
    pages = [
        owner.post("/c/acme/people/", {"email": email, "name": "N", "role": "viewer"})
        for email in ("new@example.test", "pat@example.test")
    ]
    pages += [
        owner.get(path_of(cast, "pat"), {"remove": "1"}),
        owner.post(path_of(cast, "pat"), {"remove": "1", "sure": "1"}, follow=True),
        visitor(cast.vic).get("/c/acme/people/"),
    ]
    for page in pages:
        assert ".." not in text_of(page)
