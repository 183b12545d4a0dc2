"""Whatever is sent to any address by anybody, no answer is an error page (a short form: the whole is in
``make prove``)."""

from __future__ import annotations

import random

import pytest

from crossdock.stores.models import Store
from tests.cast import Cast
from tests.house.odd_input import Walk
from tests.house.odd_values import ROLES
from tests.house.test_every_url import things_of_acme
from tests.sandbox.running import RunningSandbox

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("unhurried")]

SEED = 20261130
_SENT_BY_EACH = 25


@pytest.fixture
def walk(cast: Cast, store: Store, sandbox: RunningSandbox) -> Walk:
    """A walk through Acme's addresses."""
    return Walk(cast, things_of_acme(cast, store, sandbox))


def test_nothing_that_is_sent_by_anybody_is_answered_with_an_error_page(walk: Walk) -> None:
    chance = random.Random(SEED)  # noqa: S311 - it chooses what is tried
    targets = walk.targets(walk.visitor("owner"), chance)
    assert len(targets) > 100
    for who in ROLES[1:]:
        walk.odd_values(walk.visitor(who), chance.sample(targets, _SENT_BY_EACH), chance, 1)
    assert walk.found.broken == []


def test_no_odd_address_header_or_cookie_is_answered_with_an_error_page(walk: Walk) -> None:
    chance = random.Random(SEED)  # noqa: S311 - it chooses what is tried
    for who in ("owner", "anonymous"):
        client = walk.visitor(who)
        walk.odd_addresses(client, chance, 1)
        walk.odd_headers(client, chance, 1)
    assert walk.found.broken == []
