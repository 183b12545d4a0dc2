"""Every test that names a ``channel_name`` runs once for each channel that is registered and played."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client

from crossdock.channels.registry import channel, channels
from crossdock.companies.models import Company, Person
from crossdock.companies.scope import company_scope
from crossdock.ops.sandbox import apps_of
from crossdock.stores.models import Store
from crossdock.stores.registration import callback_url
from tests.cast import PASSWORD, Cast
from tests.contract.stage import agree
from tests.sandbox.running import RunningSandbox


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One run a channel."""
    if "channel_name" in metafunc.fixturenames:
        metafunc.parametrize("channel_name", [known.name for known in channels()])


@dataclass
class Desk:
    """Somebody at the Stores page, and the marketplaces behind it."""

    sandbox: RunningSandbox
    client: Client
    company: Company

    def shops(self, channel_name: str) -> list[str]:
        """The short names of a channel's shops."""
        return [one["shop"] for one in self.sandbox.identities[channel_name]["shops"]]

    def where(self, shop: str) -> str:
        """What the form says for a shop: its own region where one links by country."""
        known = channel(shop.partition("-")[0])
        codes = [region.code for region in known.regions]
        own = self.sandbox.shop(shop)["region"]
        return f"{known.name}:{own if own in codes else codes[0]}"

    def begin(self, **form: Any) -> str:
        """Press Link a store; the marketplace's page."""
        answer = self.client.post(f"/c/{self.company.slug}/stores/link/", form)
        assert answer.status_code == 200, answer.content
        waits, _, url = answer["Refresh"].partition("; url=")
        assert waits == "0"
        return url

    def come_back(self, channel_name: str, query: dict[str, str]) -> HttpResponse:
        """The browser, sent back by the marketplace."""
        return self.client.get(f"/oauth/{channel_name}/callback?{urlencode(query)}")

    def link(self, shop: str, *, consent: str = "", **form: Any) -> HttpResponse:
        """Link a shop, choosing ``consent`` (else the shop itself) on the marketplace's page."""
        url = self.begin(**(form or {"where": self.where(shop)}))
        return self.come_back(shop.partition("-")[0], agree(url, consent or shop))

    def store(self, shop: str) -> Store:
        """The company's store of a shop."""
        with company_scope(self.company):
            return Store.objects.get(shop_id=self.sandbox.shop(shop)["shop_id"])


def said(answer: HttpResponse) -> str:
    """The messages that were left for the next page."""
    return " | ".join(str(one) for one in get_messages(answer.wsgi_request))


def logged_in(person: Person) -> Client:
    client = Client()
    assert client.login(email=person.email, password=PASSWORD)
    return client


@pytest.fixture
def desk(cast: Cast, sandbox: RunningSandbox) -> Desk:
    """Alice at Acme's Stores page; our callbacks are registered at every marketplace that is played."""
    for name in apps_of(sandbox.identities):
        sandbox.post("/apps", channel=name, redirect_uri=callback_url(name))
    return Desk(sandbox, logged_in(cast.alice), cast.acme)


@pytest.fixture
def bolts_desk(cast: Cast, desk: Desk) -> Desk:
    """Charlie at Bolt's."""
    return Desk(desk.sandbox, logged_in(cast.charlie), cast.bolt)
