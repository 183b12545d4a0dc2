"""The demo's own company: made once, through the same doors that people use."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
from django.conf import settings

from crossdock.companies.models import Company, Membership, Person
from crossdock.companies.rights import Role
from crossdock.companies.scope import company_scope
from crossdock.ops.check import DEMO_PASSWORD
from crossdock.posting.connect import connect, read_codes
from crossdock.posting.models import BooksCode, ExchangeRate, SkuCode, StoreCodes
from crossdock.stores.link import link
from crossdock.stores.models import Store
from crossdock.stores.registration import callback_url, webhook_url
from crossdock.stores.visit import authorize_url, opened_state
from crossdock.sync.pull import begin_regular, go_on

LOGINS = {
    "owner@demo.test": ("Olivia Owner", Role.OWNER),
    "manager@demo.test": ("Max Manager", Role.MANAGER),
    "packer@demo.test": ("Pia Packer", Role.PACKER),
    "books@demo.test": ("Ben Bookkeeper", Role.BOOKKEEPER),
}
_FEES = {"DISCOUNT", "VOUCHER", "SHIPPING", "TRANSACTION"}
_CUSTOMERS = {"MY": "300-L0001", "SG": "300-L0002"}


def prepare() -> Company:
    """Make the demo company, or go on with it: people, stores, books, and the first orders.

    The sandbox must be running at ``CROSSDOCK_SANDBOX_URL``.
    """
    control = httpx.Client(base_url=settings.CONFIG.sandbox_url, timeout=30, trust_env=False)
    known = control.get("/identities").raise_for_status().json()
    company, _ = Company.objects.get_or_create(
        slug="demo", defaults={"name": "Demo Trading Sdn. Bhd."}
    )
    for email, (name, role) in LOGINS.items():
        _person(company, email, name, role)
    _ask(
        control,
        "/apps",
        {
            "channel": "lazada",
            "redirect_uri": callback_url("lazada"),
            "webhook_url": webhook_url("lazada"),
        },
    )
    with company_scope(company):
        for shop in known["lazada"]["shops"]:
            store = Store.objects.filter(channel="lazada", shop_id=shop["seller_id"]).first()
            _link(company, shop) if store is None else None
        _books(company, known["sqlaccount"])
        for store in Store.objects.all():
            _codes(company, store)
            _bring_up_to_date(store)
    return company


def _person(company: Company, email: str, name: str, role: Role) -> None:
    person = Person.objects.filter(email=email).first() or Person.objects.create_user(
        email, DEMO_PASSWORD, name=name
    )
    Membership.objects.get_or_create(company=company, person=person, defaults={"role": role.value})


def _link(company: Company, shop: dict[str, Any]) -> None:
    """Walk through the marketplace's own authorise page, as an owner would."""
    session: dict[str, Any] = {}
    url = authorize_url(session, company, channel_name="lazada", region=shop["region"], days=3)
    with httpx.Client(timeout=30, trust_env=False) as browser:
        page = browser.get(url).raise_for_status()
        fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text))
        answer = browser.post(
            url.partition("?")[0], data={**fields, "shop": shop["shop"], "decision": "yes"}
        )
    query = dict(parse_qsl(urlsplit(answer.headers["location"]).query))
    state = opened_state(session, "lazada", query["state"])
    link(company, channel_name="lazada", region=state.region, query=query)


def _books(company: Company, keys: dict[str, Any]) -> None:
    books = connect(
        company,
        base_url=keys["base_url"],
        access_key=keys["access_key"],
        secret_key=keys["secret_key"],
        region=keys["region"],
        service=keys["service"],
    )
    if books.codes_read_at is None:
        read_codes(books)
    items = BooksCode.objects.filter(kind=BooksCode.Kind.ITEM).exclude(code__in=_FEES)
    SkuCode.objects.bulk_create(
        [
            SkuCode(company=company, sku=item.code, item_code=item.code, uom=item.uom)
            for item in items
        ],
        ignore_conflicts=True,
    )
    ExchangeRate.objects.get_or_create(
        company=company,
        currency="SGD",
        valid_from=date(2020, 1, 1),
        defaults={"rate": Decimal("3.42")},
    )


def _codes(company: Company, store: Store) -> None:
    StoreCodes.objects.get_or_create(
        company=company,
        store=store,
        defaults={
            "customer": _CUSTOMERS.get(store.region, "300-L0001"),
            "location": "ECOM",
            "project": "LAZADA",
            "discount_item": "DISCOUNT",
            "voucher_item": "VOUCHER",
            "shipping_item": "SHIPPING",
            "transaction_item": "TRANSACTION",
        },
    )


def _bring_up_to_date(store: Store) -> None:
    pull = begin_regular(store)
    while pull is not None and go_on(pull.pk) is not None:
        continue


def _ask(control: httpx.Client, path: str, body: dict[str, Any]) -> None:
    control.post(path, json=body).raise_for_status()
