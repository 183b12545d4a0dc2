"""Every row belongs to a company: no way through the ORM leads to another company's rows."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from crossdock.companies.scope import NoCompany, all_companies, company_scope
from crossdock.stores.models import Store
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def theirs(cast: Cast) -> Store:
    """A store of Bolt, as somebody in Acme must never see it."""
    with company_scope(cast.bolt):
        return made(cast.bolt.pk, "theirs")


def made(company_id: int, name: str) -> Store:
    return Store.objects.create(
        company_id=company_id, channel="lazada", region="MY", shop_id=name, name=name
    )


READS: dict[str, Callable[[Store], object]] = {
    "all": lambda _: list(Store.objects.all()),
    "filter": lambda theirs: list(Store.objects.filter(pk=theirs.pk)),
    "exists": lambda theirs: Store.objects.filter(pk=theirs.pk).exists(),
    "count": lambda _: Store.objects.count(),
    "first": lambda _: Store.objects.first(),
    "in_bulk": lambda theirs: Store.objects.in_bulk([theirs.pk]),
    "values": lambda _: list(Store.objects.values_list("name", flat=True)),
    "iterator": lambda _: list(Store.objects.iterator()),
    "base manager": lambda _: list(Store._base_manager.all()),
    "default manager": lambda _: list(Store._default_manager.all()),
    "union": lambda _: list(Store.objects.all().union(Store.objects.all())),
    "update": lambda theirs: Store.objects.filter(pk=theirs.pk).update(name="ours"),
    "delete": lambda theirs: Store.objects.filter(pk=theirs.pk).delete()[0],
    "bulk_update": lambda theirs: Store.objects.bulk_update([theirs], ["name"]),
}


@pytest.mark.parametrize("door", READS)
def test_no_door_shows_or_changes_a_row_of_another_company(
    door: str, cast: Cast, theirs: Store
) -> None:
    theirs.name = "taken over"
    with company_scope(cast.acme):
        assert not READS[door](theirs)
    with company_scope(cast.bolt):
        assert list(Store.objects.values_list("name", flat=True)) == ["theirs"]


@pytest.mark.parametrize("door", READS)
def test_no_door_opens_without_a_company(door: str, theirs: Store) -> None:
    with pytest.raises(NoCompany):
        READS[door](theirs)


def test_getting_and_refreshing_a_row_of_another_company_finds_nothing(
    cast: Cast, theirs: Store
) -> None:
    with company_scope(cast.acme):
        with pytest.raises(Store.DoesNotExist):
            Store.objects.get(pk=theirs.pk)
        with pytest.raises(Store.DoesNotExist):
            theirs.refresh_from_db()


WRITES: dict[str, Callable[[Store], object]] = {
    "save": lambda theirs: theirs.save(),
    "create": lambda theirs: made(theirs.company_id, "new"),
    "bulk_create": lambda theirs: Store.objects.bulk_create(
        [
            Store(company_id=theirs.company_id, channel="lazada", region="MY", shop_id="x"),
        ]
    ),
    "get_or_create": lambda theirs: Store.objects.get_or_create(
        company_id=theirs.company_id, channel="lazada", region="MY", shop_id="theirs"
    ),
    "update_or_create": lambda theirs: Store.objects.update_or_create(
        company_id=theirs.company_id, channel="lazada", region="MY", shop_id="theirs"
    ),
    "moving rows": lambda theirs: Store.objects.update(company_id=theirs.company_id),
}


@pytest.mark.parametrize("door", WRITES)
def test_nothing_is_written_into_another_company(door: str, cast: Cast, theirs: Store) -> None:
    with company_scope(cast.acme), pytest.raises(NoCompany):
        WRITES[door](theirs)
    with company_scope(cast.bolt):
        assert Store.objects.count() == 1


def test_scopes_nest_and_end_where_they_began(cast: Cast, theirs: Store) -> None:
    with company_scope(cast.acme):
        made(cast.acme.pk, "ours")
        with company_scope(cast.bolt):
            assert Store.objects.get().name == "theirs"
        assert Store.objects.get().name == "ours"
        with all_companies():
            assert Store.objects.count() == 2
        assert Store.objects.get().name == "ours"
    with pytest.raises(NoCompany):
        Store.objects.count()
