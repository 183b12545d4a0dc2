"""The page of store codes: what is typed is completed, and codes of one store fill in another's."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from crossdock.companies.scope import company_scope
from crossdock.posting.models import BooksCode, StoreCodes
from crossdock.stores.models import Store
from tests.cast import Cast
from tests.desk.book import store_of

pytestmark = pytest.mark.django_db
_ITEM = BooksCode.Kind.ITEM


@pytest.fixture
def page(cast: Cast, client: Client) -> Client:
    """The bookkeeper's browser. Acme's first store has its codes, the second has none; Bolt's has."""
    for company, names in ((cast.acme, ("One", "Two")), (cast.bolt, ("Theirs",))):
        with company_scope(company):
            code = f"OF-{company.slug}"
            for kind in (BooksCode.Kind.CUSTOMER, _ITEM):
                BooksCode.objects.create(
                    company=company, kind=kind, code=code, description=names[0]
                )
            stores = [store_of(company, f"{company.slug}-{name}", name=name) for name in names]
            StoreCodes.objects.create(
                company=company, store=stores[0], customer=code, voucher_item=code
            )
    client.force_login(cast.bo, backend="django.contrib.auth.backends.ModelBackend")
    return client


def stores_page(cast: Cast, query: str = "") -> str:
    return reverse("posting:stores", args=[cast.acme.slug]) + query


def test_a_store_without_codes_is_filled_in_like_another_and_saved_by_a_person(
    page: Client, cast: Cast
) -> None:
    with company_scope(cast.acme):
        one, two = Store.objects.order_by("name")
    field = f'name="store-{two.pk}-voucher_item"'
    assert _value(page.get(stores_page(cast)).content.decode(), field) == ""
    shown = page.get(stores_page(cast, f"?like={one.pk}")).content.decode()
    assert _value(shown, field) == "OF-acme"
    with company_scope(cast.acme):
        assert not StoreCodes.objects.filter(store=two).exists()
    form = {f"store-{two.pk}-customer": "OF-acme", f"store-{two.pk}-voucher_item": "OF-acme"}
    page.post(reverse("posting:store", args=[cast.acme.slug, two.pk]), form)
    with company_scope(cast.acme):
        assert StoreCodes.objects.get(store=two).voucher_item == "OF-acme"


def test_another_companys_store_fills_in_nothing(page: Client, cast: Cast) -> None:
    with company_scope(cast.bolt):
        theirs = Store.objects.get()
    for like in (str(theirs.pk), "0", "x", "²"):
        shown = page.get(stores_page(cast, f"?like={like}")).content.decode()
        assert "OF-bolt" not in shown


def test_what_is_typed_is_looked_for_among_the_companys_own_codes(page: Client, cast: Cast) -> None:
    with company_scope(cast.acme):
        more = [BooksCode(company=cast.acme, kind=_ITEM, code=f"X{n:04}") for n in range(100)]
        BooksCode.objects.bulk_create(more)
    shown = page.get(stores_page(cast)).content.decode()
    address = reverse("posting:suggest", args=[cast.acme.slug])
    assert f'hx-get="{address}?kind={_ITEM}"' in shown
    assert "X0099" not in shown
    told = page.get(f"{address}?kind={_ITEM}&store-1-voucher_item=X009").content.decode()
    assert told.count("<option") == 10
    assert "OF-bolt" not in page.get(f"{address}?kind={_ITEM}&item=OF").content.decode()


def _value(page: str, field: str) -> str:
    """The value of an input, found by its name."""
    tag = page[page.rindex("<input", 0, page.index(field)) :]
    tag = tag[: tag.index(">")]
    return tag.partition('value="')[2].partition('"')[0]
