"""The SKUs that were ordered: each once, those without a stock item first, whosever they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crossdock.companies.scope import company_scope
from crossdock.posting import seen as room
from crossdock.posting.models import SkuCode
from crossdock.posting.seen import Seen, every_sku, seen, unmapped
from crossdock.rules.facts import LineFacts, Stage
from tests.cast import Cast
from tests.desk.book import order, store_of, take_in

pytestmark = pytest.mark.django_db


def line(number: int, sku: str, stage: Stage = Stage.TO_PACK) -> LineFacts:
    return LineFacts(f"l{number}", sku, "Thing", 1, Decimal(5), Decimal(0), stage.value, stage)


@pytest.fixture
def acme(cast: Cast) -> Iterator[Cast]:
    """Acme has ordered a cup twice, a cap once and thread that was cancelled; Bolt a bolt."""
    with company_scope(cast.bolt):
        take_in(store_of(cast.bolt, "2"), [replace(order(1), lines=(line(1, "BOLT"),))])
    with company_scope(cast.acme):
        first = replace(order(1), lines=(line(1, "Cup"), line(2, "CAP")))
        gone = line(2, "THREAD", Stage.CANCELLED)
        take_in(store_of(cast.acme), [first, replace(order(2), lines=(line(1, "Cup"), gone))])
        yield cast


def test_each_sku_stands_there_once_with_its_live_lines(acme: Cast) -> None:
    assert sorted(every_sku()) == ["CAP", "Cup", "THREAD"]
    assert seen() == ([Seen("Cup", 2, False), Seen("CAP", 1, False)], 2)
    assert sorted(unmapped()) == ["CAP", "Cup"]


def test_mapped_ones_come_last_and_a_search_asks_for_any_part(acme: Cast) -> None:
    SkuCode.objects.create(company=acme.acme, sku="Cup", item_code="C-1")
    assert seen() == ([Seen("CAP", 1, False), Seen("Cup", 2, True)], 1)
    assert seen("cu") == ([Seen("Cup", 2, True)], 1)
    assert seen("bolt") == ([], 1)
    assert unmapped() == ["CAP"]


def test_what_is_ordered_very_often_is_not_counted_to_the_end(
    acme: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "MOST_COUNTED", 1)
    (cup, _), _ = seen()
    assert cup == Seen("Cup", 2, False)
    with CaptureQueriesContext(connection) as caught:
        seen()
    assert len(caught) == 4


def test_a_company_without_orders_has_seen_nothing(cast: Cast) -> None:
    with company_scope(cast.acme):
        assert seen() == ([], 0)
        assert unmapped() == []
