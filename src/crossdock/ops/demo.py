"""The demo's own company: made once, through the same doors that people use."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import structlog
from django.conf import settings

from crossdock.channels.registry import channel
from crossdock.companies.models import Company, Membership, Person, Voucher
from crossdock.companies.rights import Role
from crossdock.companies.scope import company_scope
from crossdock.ops.check import DEMO_PASSWORD
from crossdock.ops.consent import NoConsent, agree
from crossdock.posting.connect import connect
from crossdock.posting.models import BooksCode, ExchangeRate, SkuCode, SqlAccount, StoreCodes
from crossdock.posting.reading_codes import read_codes
from crossdock.stores.link import NotLinked, link
from crossdock.stores.models import Store
from crossdock.stores.registration import callback_url, webhook_url
from crossdock.stores.visit import authorize_url, opened_state
from crossdock.sync.pull import begin_regular, go_on

log = structlog.get_logger(__name__)

LOGINS = {
    "owner@demo.test": ("Olivia Owner", Role.OWNER),
    "manager@demo.test": ("Max Manager", Role.MANAGER),
    "packer@demo.test": ("Pia Packer", Role.PACKER),
    "books@demo.test": ("Ben Bookkeeper", Role.BOOKKEEPER),
}
_FEES = {"DISCOUNT", "VOUCHER", "SHIPPING", "TRANSACTION"}


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
    with company_scope(company):
        for name in settings.CHANNEL_APPS:
            _register(control, name)
            for shop in known[name]["shops"]:
                _link_once(company, name, shop)
        _books(company, known["sqlaccount"])
        for store in Store.objects.all():
            _codes(company, store)
            _bring_up_to_date(store)
    return company


def _register(control: httpx.Client, channel_name: str) -> None:
    body = {
        "channel": channel_name,
        "redirect_uri": callback_url(channel_name),
        "webhook_url": webhook_url(channel_name),
    }
    control.post("/apps", json=body).raise_for_status()


def _person(company: Company, email: str, name: str, role: Role) -> None:
    person = Person.objects.filter(email=email).first() or Person.objects.create_user(
        email, DEMO_PASSWORD, name=name, vouched_by=Voucher.OPERATOR
    )
    Membership.objects.get_or_create(company=company, person=person, defaults={"role": role.value})


def _link_once(company: Company, channel_name: str, shop: Mapping[str, Any]) -> None:
    """Link a shop that is not linked yet. One that can't be is left out: the demo shows the rest."""
    if Store.objects.filter(channel=channel_name, shop_id=_shop_id(shop)).exists():
        return
    try:
        _link(company, channel_name, shop)
    except (NoConsent, NotLinked, httpx.HTTPError) as problem:
        log.error("a shop of the sandbox was not linked", shop=shop["shop"], why=str(problem))


def _shop_id(shop: Mapping[str, Any]) -> str:
    """A shop's id, whatever its marketplace calls it."""
    return str(shop.get("seller_id") or shop.get("shop_id") or shop["id"])


def _link(company: Company, channel_name: str, shop: Mapping[str, Any]) -> None:
    """Walk through the marketplace's own authorise page, as an owner would."""
    session: dict[str, Any] = {}
    codes = [region.code for region in channel(channel_name).regions]
    region = shop["region"] if shop["region"] in codes else codes[0]
    url = authorize_url(session, company, channel_name=channel_name, region=region)
    query = agree(url, shop["shop"])
    visit = opened_state(session, channel_name, query["state"])
    link(company, channel_name=channel_name, region=visit.region, query=query)


def _books(company: Company, keys: dict[str, Any]) -> None:
    """Connect the sandbox's books, once: what a person connected since stays so, at the port of today."""
    SqlAccount.objects.update(base_url=keys["base_url"])
    books = SqlAccount.objects.first() or connect(
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
    """The codes of a store whose name a customer in the books bears; others are for people to map."""
    customers = BooksCode.objects.filter(kind=BooksCode.Kind.CUSTOMER, description=store.name)
    for customer in customers[:1]:
        StoreCodes.objects.get_or_create(
            company=company,
            store=store,
            defaults={
                "customer": customer.code,
                "location": "ECOM",
                "project": store.channel.upper(),
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
