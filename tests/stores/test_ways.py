"""How a store ships: remembered in words that people read, and forgotten on request."""

from __future__ import annotations

import pytest

from crossdock.channels.registry import channel
from crossdock.channels.shipping import HowToShip, Method, Place, WaysToShip
from crossdock.companies.scope import company_scope
from crossdock.stores.models import Store
from crossdock.stores.ways import forget, remember, rules_of, way_of
from tests.stores.conftest import Desk, said

pytestmark = pytest.mark.django_db

WAYS = WaysToShip(
    "20021", "Standard Delivery", tuple(Method),
    addresses=(Place("a1", "12 Jalan Ampang, Klang"), Place("a2", "Store-room")),
    branches=(Place("b9", "Branch KL Sentral"),),
)  # fmt: skip


def test_a_rule_is_read_back_as_it_was_chosen(store: Store) -> None:
    how = HowToShip(Method.PICKUP, address_id="a2", slot_id="tomorrow")
    with company_scope(store.company_id):
        remember(store, WAYS, how)
        kept = Store.objects.get(pk=store.pk)
    assert way_of(kept, "20021") == HowToShip(Method.PICKUP, address_id="a2")
    assert way_of(kept, "other") is None


@pytest.mark.parametrize(
    ("how", "words"),
    [
        (HowToShip(Method.PICKUP, address_id="a1"), "Pick-up at 12 Jalan Ampang, Klang, first free slot"),
        (HowToShip(Method.PICKUP), "Pick-up at the shop's default address, first free slot"),
        (HowToShip(Method.PICKUP, address_id="gone"), "Pick-up at gone, first free slot"),
        (HowToShip(Method.DROPOFF, branch_id="b9"), "Drop-off at Branch KL Sentral"),
        (HowToShip(Method.DROPOFF), "Drop-off"),
        (
            HowToShip(Method.OWN_COURIER, courier_id="7", tracking_number="T1"),
            "Own courier: courier and tracking number are asked for each order",
        ),
    ],
)  # fmt: skip
def test_a_rule_is_told_in_words(store: Store, how: HowToShip, words: str) -> None:
    with company_scope(store.company_id):
        remember(store, WAYS, how)
    (rule,) = rules_of(store)
    assert (rule.name, rule.words) == ("Standard Delivery", words)


def test_two_answers_at_once_are_both_kept(store: Store) -> None:
    other = WaysToShip("20022", "Express", (Method.DROPOFF,))
    with company_scope(store.company_id):
        twin = Store.objects.get(pk=store.pk)
        remember(store, WAYS, HowToShip(Method.PICKUP))
        remember(twin, other, HowToShip(Method.DROPOFF))
        assert [rule.name for rule in rules_of(twin)] == ["Express", "Standard Delivery"]


def test_a_rule_that_cannot_be_read_is_asked_again(store: Store) -> None:
    store.ways_to_ship = {"1": {"method": "drone", "name": "By air"}}
    assert way_of(store, "1") is None
    assert rules_of(store)[0].words == "drone: unknown, and asked again"


def test_the_settings_list_the_rules_and_forget_one(
    desk: Desk, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/c/acme/stores/{store.pk}/settings/"
    with company_scope(desk.company):
        remember(store, WAYS, HowToShip(Method.DROPOFF, branch_id="b9"))
    assert "How to ship" not in desk.client.get(path).content.decode(), "Lazada does not ask"
    _let_choose(monkeypatch)
    page = desk.client.get(path).content.decode()
    assert "Drop-off at Branch KL Sentral" in page
    answer = desk.client.post(f"/c/acme/stores/{store.pk}/ways/forget/", {"logistics_id": "20021"})
    assert "asked again" in said(answer)
    with company_scope(desk.company):
        kept = Store.objects.get(pk=store.pk)
        assert way_of(kept, "20021") is None
        assert not forget(kept, "20021")


def _let_choose(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    known = channel("lazada")
    monkeypatch.setattr(type(known), "can", replace(known.can, choose_how_to_ship=True))
