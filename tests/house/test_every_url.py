"""Every URL × every role: nobody sees or changes what isn't theirs.

The expected answers follow from the right that each view needs. A URL that this test cannot open
fails: give its arguments below. The second wall is the SQL: every statement that a page sends to a
company's table names the company.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver

from crossdock.companies.invitations import invite, link_of
from crossdock.companies.models import Membership, Person
from crossdock.companies.rights import RIGHTS, Role
from crossdock.companies.scope import CompanyOwned, company_scope
from crossdock.orders import record
from crossdock.orders.models import DeliveryTry, Order, Return
from crossdock.orders.proofs import keep
from crossdock.orders.returns import take_in_returns
from crossdock.papers.models import Kind, Manifest, Paper, Size
from crossdock.posting.models import Difference, MappingSheet, Reconciliation
from crossdock.rules.facts import ReturnFacts, ReturnMove
from crossdock.scanning.models import Scan
from crossdock.scanning.scan import sheet_of
from crossdock.stores.models import Store
from crossdock.sync.pull import begin_asked, look_at
from crossdock.work.batch import start
from tests.cast import PASSWORD, Cast
from tests.pictures.drawn import kept_picture
from tests.sandbox.running import RunningSandbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("unhurried")]

NO_FILE = {"papers:awb", "papers:paper_pdf", "posting:pdf"}
"""Pages that answer 404 to those who may see them while there is nothing to show."""


def company_views() -> Iterator[tuple[str, str, Any]]:
    """(name, path pattern, view) of every address with a company in it."""
    for prefix, pattern in walk(get_resolver().url_patterns, ""):
        if prefix.startswith("c/<slug:company>/"):
            namespace = pattern.callback.__module__.split(".")[1]
            yield f"{namespace}:{pattern.name}", prefix, pattern.callback


def walk(patterns: list[Any], prefix: str) -> Iterator[tuple[str, URLPattern]]:
    for one in patterns:
        if isinstance(one, URLResolver):
            yield from walk(one.url_patterns, prefix + str(one.pattern))
        else:
            yield prefix + str(one.pattern), one


@pytest.fixture
def arguments(cast: Cast, store: Store, sandbox: RunningSandbox) -> dict[str, str]:
    """What to put into the addresses: things of Acme's own."""
    return things_of_acme(cast, store, sandbox)


def things_of_acme(cast: Cast, store: Store, sandbox: RunningSandbox) -> dict[str, str]:
    """Part of the address → the key of one of Acme's things that it stands for."""
    (order_id,) = sandbox.orders(1)
    with company_scope(cast.acme):
        look_at(store, [order_id])
        order = Order.objects.get(channel_order_id=order_id)
        batch = start(cast.acme, cast.alice, "pack", form_key="walk", order_ids=[order.pk])
        now = record.now()
        run = begin_asked(store, cast.alice, now - timedelta(hours=1), now, by_creation=False)
        asked = asked_back(order)
        paper = Paper.objects.create(
            company=cast.acme,
            kind=Kind.MANIFEST,
            number=1,
            person=cast.pat,
            form_key="walk",
            size=Size.A4,
        )
        manifest = Manifest.objects.create(
            company=cast.acme, paper=paper, number=1, shipment_provider="J&T"
        )
        scan = Scan.objects.create(
            company=cast.acme, sheet=sheet_of(cast.acme, cast.pat), nonce="walk", code=order_id,
            answer="wrong-stage", words="Not packed yet.", order=order,
        )  # fmt: skip
        delivered = DeliveryTry.objects.create(
            company=cast.acme, order=order, form_key="walk", photo=keep(cast.acme.pk, b"a photo")
        )
        today = now.date()
        compared = Reconciliation.objects.create(
            company=cast.acme, person=cast.bo, since=today, until=today, finished_at=now
        )
        difference = Difference.objects.create(
            company=cast.acme, reconciliation=compared, kind="extra", number="IV-1"
        )
        sheet = MappingSheet.objects.create(company=cast.acme, person=cast.bo, content=b"")
        invited = invite(
            cast.acme, cast.alice, email="nina@example.test", name="Nina", role="viewer"
        )
    member = Membership.objects.get(company=cast.acme, person=cast.vic)
    by_room = {
        "orders": order.pk,
        "batches": batch.pk,
        "papers": batch.pk,
        "papers/made": paper.pk,
        "papers/manifests": manifest.pk,
        "scan": scan.pk,
        "pictures": kept_picture(cast.acme).pk,
        "stores": store.pk,
        "returns": asked.pk,
        "deliveries": delivered.pk,
        "posting": store.pk,
        "posting/skus": sheet.pk,
        "posting/orders": order.pk,
        "posting/reconcile": compared.pk,
        "posting/differences": difference.pk,
        "sync": run.pk,
    }
    return {
        **{room: str(pk) for room, pk in by_room.items()},
        "people": str(member.pk),
        "people/invitations": str(invited.pk),
        "order_id": order_id,
    }


def asked_back(order: Order) -> Return:
    """A return of this order, open for every move."""
    now = record.now()
    facts = ReturnFacts(
        return_id="700123", order_id=order.channel_order_id, status="REQUEST_INITIATE", goods_back=True,
        currency="MYR", amount=Decimal("9.90"), created_at=now, updated_at=now, is_open=True,
        waits_for_us=False, moves=(ReturnMove.TAKE_BACK, ReturnMove.REJECT),
        comment="It came broken, says Tan Siew Ling", parts=("700124",),
    )  # fmt: skip
    take_in_returns(order.store, [facts], fetched_at=now)
    return Return.objects.get(order=order)


def address(prefix: str, company: str, arguments: dict[str, str]) -> str:
    path = "/" + prefix.replace("<slug:company>", company)
    room, more = path.split("/")[3:5]
    pk = arguments.get(f"{room}/{more}") or arguments[room] if "<int:pk>" in path else ""
    path = path.replace("<int:pk>", pk).replace("<slug:kind>", Kind.PICKING_LIST.value)
    assert "<" not in path, f"{path}: tell this test what to put into it (fixture 'arguments')"
    return path


def visitor(cast: Cast, who: str) -> Client:
    client = Client(raise_request_exception=True)
    people = {role.value: person for role, person in cast.of_acme.items()} | {
        "stranger": cast.charlie
    }
    if who != "anonymous":
        assert client.login(email=people[who].email, password=PASSWORD)
    return client


def expected(view: Any, name: str, who: str) -> set[int]:
    if who == "anonymous":
        return {302}
    if who == "stranger":
        return {404}
    if Role(who) not in RIGHTS[view.needs]:
        return {403, 405}
    return {404} if name in NO_FILE else {200, 405}


@pytest.mark.parametrize("who", [*(role.value for role in Role), "stranger", "anonymous"])
def test_every_address_answers_as_the_rights_say(
    who: str, cast: Cast, arguments: dict[str, str]
) -> None:
    client, walked = visitor(cast, who), 0
    for name, prefix, view in company_views():
        assert hasattr(view, "needs"), f"{name} does not say which right it needs"
        answer = client.get(address(prefix, "acme", arguments))
        assert answer.status_code in expected(view, name, who), (
            f"{name} as {who}: {answer.status_code}"
        )
        if who == "stranger":
            posted = client.post(address(prefix, "acme", arguments))
            assert posted.status_code == 404, f"{name} as a stranger, posting: {posted.status_code}"
        walked += 1
    assert walked >= 20


@pytest.mark.parametrize("role", [Role.BOOKKEEPER, Role.PACKER, Role.VIEWER])
def test_posting_a_deed_without_the_right_is_403(
    role: Role, cast: Cast, arguments: dict[str, str]
) -> None:
    client = visitor(cast, role.value)
    for name, prefix, view in company_views():
        if role not in RIGHTS[view.needs]:
            answer = client.post(address(prefix, "acme", arguments))
            assert answer.status_code in (403, 405), f"{name}: {answer.status_code}"
    answer = client.post(
        "/c/acme/orders/act/", {"action": "post" if role is Role.PACKER else "pack", "orders": "1"}
    )
    assert answer.status_code == 403


def test_another_companys_things_are_not_found_under_ones_own_name(
    cast: Cast, arguments: dict[str, str]
) -> None:
    client = visitor(cast, "stranger")
    for name, prefix, _ in company_views():
        if "<int:pk>" in prefix:
            path = address(prefix, "bolt", arguments)
            answers = {client.get(path).status_code, client.post(path).status_code}
            assert answers <= {404, 405}, f"{name}: {answers}"


OPEN, LOGIN, DOES_NOT_EXIST = 200, 302, 404

LOGIN_LIBRARY = {
    # name: what a visitor gets, what somebody who is logged in gets
    "account_login": (OPEN, 302),
    "account_logout": (302, OPEN),
    "account_inactive": (OPEN, OPEN),
    "account_reauthenticate": (LOGIN, OPEN),
    "account_email": (LOGIN, OPEN),
    "account_confirm_address": (LOGIN, DOES_NOT_EXIST),
    "account_change_password": (LOGIN, OPEN),
    "account_reset_password": (OPEN, OPEN),
    "account_reset_password_done": (OPEN, OPEN),
    "account_reset_password_from_key": (OPEN, OPEN),
    "account_reset_password_from_key_done": (OPEN, OPEN),
    "mfa_index": (LOGIN, OPEN),
    "mfa_authenticate": (LOGIN, LOGIN),
    "mfa_reauthenticate": (LOGIN, 302),
    "mfa_activate_totp": (LOGIN, 302),
    "mfa_deactivate_totp": (LOGIN, DOES_NOT_EXIST),
    "mfa_view_recovery_codes": (LOGIN, DOES_NOT_EXIST),
    "mfa_generate_recovery_codes": (LOGIN, 302),
    "mfa_download_recovery_codes": (LOGIN, DOES_NOT_EXIST),
    "usersessions_list": (LOGIN, OPEN),
}
"""Every page of the login library that exists here. A new one must be decided on: it fails below."""


def account_pages() -> dict[str, str]:
    """Name → path of everything under ``accounts/``."""
    found = {}
    for prefix, pattern in walk(get_resolver().url_patterns, ""):
        if prefix.startswith("accounts/"):
            path = re.sub(r"\^?password/reset/key/\(.*", "password/reset/key/1-2-3/", prefix)
            found[str(pattern.name)] = "/" + path.replace("<str:token>", "1.1:not-signed")
    return found


def test_every_page_of_the_login_library_was_decided_on() -> None:
    assert set(account_pages()) == set(LOGIN_LIBRARY)


@pytest.mark.parametrize("mail_host", ["", "mail.example.test"])
@pytest.mark.parametrize("who", [*(role.value for role in Role), "stranger", "anonymous"])
def test_no_page_of_the_login_library_changes_who_somebody_is(
    who: str, mail_host: str, cast: Cast, settings: Any
) -> None:
    settings.EMAIL_HOST = ""
    people = [*cast.of_acme.values(), cast.charlie]
    before = _who_is_who(people)
    client = visitor(cast, who)
    for name, path in account_pages().items():
        anonymous, logged_in = LOGIN_LIBRARY[name]
        answer = client.get(path)
        expected_here = anonymous if who == "anonymous" else logged_in
        assert answer.status_code == expected_here, f"{name} as {who}: {answer.status_code}"
        if answer.status_code == 302:
            assert answer["Location"].startswith("/"), f"{name}: {answer['Location']}"
    settings.EMAIL_HOST = mail_host
    for name, path in account_pages().items():
        if name in ("account_logout", "account_login"):
            continue
        for fields in ODD_FIELDS:
            answer = client.post(path, fields)
            assert answer.status_code < 500, f"{name} as {who}, with {fields}: {answer.status_code}"
    assert _who_is_who(people) == before
    assert not EmailAddress.objects.exists()
    assert not Authenticator.objects.exists()


VICTIM = "cfo@victim.test"
ODD_FIELDS: list[dict[str, str]] = [
    {},
    {"email": VICTIM, "action_add": ""},
    {"email": VICTIM, "action_primary": ""},
    {"email": "mona@example.test", "action_send": ""},
    {"email": VICTIM},
    {"password1": "another-long-secret", "password2": "another-long-secret", "password": "x"},
    {"oldpassword": "x", "password1": "another-long-secret", "password2": "another-long-secret"},
    {"code": "000000", "action": "verify"},
]


def _who_is_who(people: list[Person]) -> list[tuple[object, ...]]:
    held = Person.objects.filter(pk__in=[one.pk for one in people]).order_by("pk")
    told = (
        "pk",
        "email",
        "vouched_by",
        "password",
        "name",
        "memberships__company",
        "memberships__role",
    )
    return list(held.values_list(*told)) + list(Person.objects.order_by("pk").values_list("pk"))


@pytest.mark.parametrize("who", [*(role.value for role in Role), "stranger", "anonymous"])
def test_an_invitation_of_somebody_else_is_answered_by_nobody(who: str, cast: Cast) -> None:
    with company_scope(cast.acme):
        others = invite(
            cast.acme, cast.alice, email="charlie@elsewhere.test", name="", role="owner"
        )
    known = Person.objects.create_user("charlie@elsewhere.test", PASSWORD)
    client, before = visitor(cast, who), Membership.objects.count()
    link = link_of(others).partition("/join/")[2]
    for path in (f"/join/{link}", f"/join/{link}"[:-3] + "x/", f"/invitations/{others.pk}/"):
        answers = {client.get(path).status_code, client.post(path).status_code}
        assert answers <= {200, 302, 404}, f"{path}: {answers}"
    assert Membership.objects.count() == before
    assert not known.memberships.exists()


def test_buyers_and_money_are_hidden_from_those_who_may_not_see_them(
    cast: Cast, arguments: dict[str, str]
) -> None:
    with company_scope(cast.acme):
        order = Order.objects.get(channel_order_id=arguments["order_id"])
        order.buyer_name = "Tan Siew Ling"
        order.save()
    path = f"/c/acme/orders/{order.pk}/"
    seen = {role: visitor(cast, role.value).get(path).content.decode() for role in Role}
    assert {role for role in Role if "Tan Siew Ling" in seen[role]} == {Role.OWNER, Role.MANAGER}
    assert {role for role in Role if "Billed total" in seen[role]} == set(Role) - {Role.PACKER}


def test_every_statement_to_a_companys_table_names_the_company(
    cast: Cast, arguments: dict[str, str]
) -> None:
    tables = {
        model._meta.db_table for model in apps.get_models() if issubclass(model, CompanyOwned)
    }
    client = visitor(cast, "owner")
    for name, prefix, _ in company_views():
        with CaptureQueriesContext(
            connection,
        ) as caught:
            client.get(address(prefix, "acme", arguments))
        for query in caught.captured_queries:
            touched = [table for table in tables if f'"{table}"' in query["sql"]]
            assert (
                not touched
                or "company_id" in query["sql"].partition("WHERE")[2]
                or query["sql"].startswith("INSERT")
            ), f"{name}: {query['sql'][:300]}"


def test_the_orders_page_stays_within_twelve_queries(cast: Cast, arguments: dict[str, str]) -> None:
    client = visitor(cast, "owner")
    with CaptureQueriesContext(connection) as caught:
        client.get("/c/acme/orders/?tab=new-order")
    assert len([query for query in caught.captured_queries if "SELECT" in query["sql"]]) <= 12 + 3


def test_the_webhook_is_the_only_page_without_csrf_protection() -> None:
    exempt = [
        prefix
        for prefix, pattern in walk(get_resolver().url_patterns, "")
        if getattr(pattern.callback, "csrf_exempt", False)
        and pattern.callback.__module__.startswith("crossdock")
    ]
    assert exempt == ["webhooks/<slug:channel_name>"]


def test_now_is_the_databases_clock() -> None:
    assert record.now().tzinfo is not None
