"""Books that a company is connected to, for every test of posting."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from crossdock.companies.scope import company_scope
from crossdock.posting.connect import connect
from crossdock.posting.models import SqlAccount, StoreCodes
from crossdock.posting.reading_codes import read_codes
from crossdock.stores.models import Store
from tests.cast import Cast
from tests.sandbox.running import RunningSandbox


@pytest.fixture(autouse=True)
def quick_books(sandbox: RunningSandbox) -> Iterator[None]:
    """The books take more than two calls a second, and are the first ones again afterwards."""
    sandbox.post("/limits", system="sqlaccount", per_app=0)
    yield
    sandbox.post("/limits", system="sqlaccount", per_app=2)
    sandbox.post("/strict", system="sqlaccount", lastmodified="since")
    sandbox.post("/books", company=None)


@pytest.fixture
def books(cast: Cast, store: Store, sandbox: RunningSandbox) -> SqlAccount:
    keys = sandbox.identities["sqlaccount"]
    with company_scope(cast.acme):
        made = connect(
            cast.acme,
            base_url=keys["base_url"],
            access_key=keys["access_key"],
            secret_key=keys["secret_key"],
        )
        read_codes(made)
        StoreCodes.objects.create(
            company=cast.acme, store=store, customer="300-L0001", location="ECOM", project="LAZADA",
            discount_item="DISCOUNT", voucher_item="VOUCHER",
        )  # fmt: skip
    return made
