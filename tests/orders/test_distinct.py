"""The values of a column, each once, told by the index."""

from __future__ import annotations

import pytest

from crossdock.companies.scope import company_scope
from crossdock.orders.distinct import each_once
from crossdock.orders.models import Order
from tests.cast import Cast
from tests.desk.book import order, store_of, take_in

pytestmark = pytest.mark.django_db


def test_each_value_of_the_company_is_told_once_and_no_one_elses(cast: Cast) -> None:
    with company_scope(cast.bolt):
        take_in(store_of(cast.bolt, "2"), [order(1, status="packed")])
    with company_scope(cast.acme):
        store = store_of(cast.acme)
        assert each_once(Order, "status") == []
        words = ["pending", "packed,pending", "", "pending", "shipped"]
        take_in(store, [order(number, status=word) for number, word in enumerate(words)])
        assert each_once(Order, "status") == sorted(set(words))
        assert each_once(Order, "status", most=2) == sorted(set(words))[:2]
