"""How parcels are handed over: asked once for each kind of delivery, remembered, and filled in for own
couriers. For every channel that lets the seller choose."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.core.cache import caches
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from crossdock.actions.to_ship import logistics_of
from crossdock.channels.registry import channels
from crossdock.channels.shipping import Courier, Method, Place, WaysToShip
from crossdock.companies.scope import company_scope
from crossdock.desk.ways import choices, opened, seal
from crossdock.ops.sandbox import apps_of
from crossdock.orders.facts import facts_of
from crossdock.orders.models import Order
from crossdock.work.models import Attempt, Batch
from tests.actions.stage import OnDesk, work
from tests.cast import Cast, linked_store
from tests.desk.test_answers import fields, logged_in, text_of
from tests.sandbox.running import RunningSandbox

CHOOSING = [known.name for known in channels() if known.can.choose_how_to_ship]

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
places = st.lists(st.builds(Place, texts, texts, st.booleans(), st.booleans()), max_size=3)
offers = st.builds(
    WaysToShip,
    texts,
    texts,
    methods=st.lists(st.sampled_from(Method), unique=True).map(tuple),
    addresses=places.map(tuple),
    branches=places.map(tuple),
    couriers=st.lists(st.builds(Courier, texts, texts), max_size=3).map(tuple),
    wants_tracking_number=st.booleans(),
)


@given(offers)
def test_what_a_channel_offers_comes_back_from_the_browser_as_it_was_told(
    told: WaysToShip,
) -> None:
    assert opened(seal(told)) == told
    assert opened(seal(told)[:-1] + "-") in (None, told)


@given(offers)
def test_one_way_stands_ready_wherever_there_is_something_to_choose(told: WaysToShip) -> None:
    made = choices(told)
    assert all(choice.how.method in told.methods for choice in made)
    if made:
        assert any(choice.is_default for choice in made)


@pytest.fixture(params=CHOOSING)
def desk(
    request: pytest.FixtureRequest, cast: Cast, sandbox: RunningSandbox, unhurried: None
) -> Iterator[OnDesk]:
    """A store whose channel lets the seller choose."""
    yield from on_desk(request.param, 0, cast, sandbox)


@pytest.fixture(params=CHOOSING)
def delivering(
    request: pytest.FixtureRequest, cast: Cast, sandbox: RunningSandbox, unhurried: None
) -> Iterator[OnDesk]:
    """A store that delivers some orders itself."""
    yield from on_desk(request.param, 1, cast, sandbox)


def on_desk(name: str, place: int, cast: Cast, sandbox: RunningSandbox) -> Iterator[OnDesk]:
    if name not in apps_of(sandbox.identities):
        pytest.skip(f"The sandbox does not play {name}.")
    shop = sandbox.identities[name]["shops"][place]["shop"]
    store = linked_store(cast.acme, sandbox, shop)
    caches["near"].clear()
    with company_scope(cast.acme):
        yield OnDesk(sandbox, cast, store)


def packed(desk: OnDesk, count: int, **more: object) -> list[Order]:
    orders = desk.orders(count, **more)
    desk.begin("pack", *orders)
    work()
    return [desk.read(order) for order in orders]


def of_one_kind(desk: OnDesk, count: int) -> list[Order]:
    """Packed orders that all go by the same kind of delivery: a shop may have several."""
    kinds: dict[str, list[Order]] = {}
    for _ in range(30):
        (order,) = packed(desk, 1)
        alike = kinds.setdefault(logistics_of(facts_of(order)), [])
        alike.append(order)
        if len(alike) == count:
            return alike
    raise AssertionError("no kind of delivery comes up often enough")


def press(client: Client, *orders: Order) -> str:
    """Press To Ship; the page that comes."""
    ids = [str(order.pk) for order in orders]
    data = {"action": "ship", "orders": ids, "form_key": f"k{'-'.join(ids)}"}
    answer = client.post("/c/acme/orders/act/", data, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_kind_of_delivery_is_asked_about_once_and_remembered(desk: OnDesk) -> None:
    *orders, third = of_one_kind(desk, 3)
    client = logged_in(desk.cast.pat.email)
    page = press(client, *orders)
    values = re.findall(r'type="radio" name="([^"]+)" value="([^"]+)"', page)
    sent = fields(page)
    if values:
        refused = client.post("/c/acme/orders/how/", sent)
        assert "Choose how" in text_of(refused.content)
    client.post("/c/acme/orders/how/", {**sent, **{name: [value] for name, value in values[:1]}})
    work()
    assert set(Attempt.objects.filter(action="ship").values_list("state", flat=True)) == {"done"}
    desk.store.refresh_from_db()
    press(client, third)
    assert Batch.objects.filter(action="ship").count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_channel_that_does_not_tell_is_quoted_and_the_rest_goes_on(desk: OnDesk) -> None:
    orders = packed(desk, 1)
    client = logged_in(desk.cast.pat.email)
    desk.sandbox.post("/faults", system=desk.store.channel, kind="error_500", times=3)
    page = text_of(press(client, *orders))
    desk.sandbox.control.delete("/faults")
    if "one way only" in page:
        pytest.skip("This channel asks nothing for this order.")
    assert f"{desk.known.title}: " in page
    assert "Try again" in page
    assert Batch.objects.filter(action="ship").count() == 0


@pytest.mark.django_db(transaction=True)
def test_own_couriers_numbers_come_from_a_pasted_list_and_nothing_is_lost_on_an_error(
    delivering: OnDesk,
) -> None:
    orders = packed(delivering, 3, self_delivery=True)
    client = logged_in(delivering.cast.pat.email)
    page = press(client, *orders)
    first, second, third = (order.channel_order_id for order in orders)
    options = re.findall(r'<option value="(\w+)"', page)
    couriers = {f"courier-{order.pk}": options[:1] for order in orders if options}
    sent = {**fields(page), **couriers}
    pasted = f"{first},OWN0000001\n{second}\tOWN0000002\n999,OWN0000003"
    wrong = client.post("/c/acme/orders/how/", {**sent, "pasted": pasted}).content.decode()
    words = text_of(wrong)
    assert "999 is not one of these orders" in words
    assert "Its tracking number is missing" in words
    assert 'value="OWN0000001"' in wrong
    assert 'value="OWN0000002"' in wrong
    assert "999,OWN0000003" in wrong
    assert Batch.objects.filter(action="ship").count() == 0
    numbers = {f"number-{order.pk}": [f"OWN000000{place}"] for place, order in enumerate(orders, 1)}
    twice = {**numbers, f"number-{orders[2].pk}": ["OWN0000001"]}
    again = client.post("/c/acme/orders/how/", {**fields(wrong), **couriers, **twice})
    assert re.search(f"The same number as ({first}|{third})", text_of(again.content))
    sent = {**fields(again.content.decode()), **couriers, **numbers, f"number-{orders[2].pk}": [""]}
    client.post("/c/acme/orders/how/", {**sent, "leave_out": "1"})
    work()
    attempts = Attempt.objects.filter(action="ship").order_by("order_id")
    assert [(one.state, one.sent["how"]["tracking_number"]) for one in attempts] == [
        ("done", "OWN0000001"),
        ("done", "OWN0000002"),
    ], [one.words for one in attempts]
    assert third not in [one.order.channel_order_id for one in attempts]
