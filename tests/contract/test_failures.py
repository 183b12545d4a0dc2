"""When the line breaks: what is safe to repeat is told apart from what must be asked about."""

from __future__ import annotations

import pytest

from crossdock.channels.errors import NotSent, Throttled, Unclear, Unreadable
from tests.contract.stage import OnStage


def test_a_reading_call_that_breaks_may_simply_be_repeated(stage: OnStage) -> None:
    shop, order_id = stage.shop(), stage.orders(1)[0]
    for kind in ("drop_before", "error_500", "malformed"):
        stage.fault(kind, times=1)
        with pytest.raises((NotSent, Unreadable)):
            stage.known.fetch(shop, [order_id])
    assert stage.known.fetch(shop, [order_id]).orders


def test_too_many_calls_are_answered_with_a_pause(stage: OnStage) -> None:
    shop = stage.shop()
    stage.fault("error_429", times=1)
    with pytest.raises(Throttled) as refusal:
        stage.known.shop_name(shop)
    assert refusal.value.wait > 0


def test_the_platforms_own_limit_is_a_pause_too(stage: OnStage) -> None:
    shop = stage.shop()
    stage.sandbox.post("/limits", system=stage.system, per_shop=1)
    with pytest.raises(Throttled):
        [stage.known.shop_name(shop) for _ in range(8)]


@pytest.mark.parametrize("kind", ["drop_after", "error_500", "malformed"])
def test_a_writing_call_that_breaks_is_unclear_and_is_not_sent_again_by_itself(
    stage: OnStage, kind: str
) -> None:
    shop = stage.shop()
    tried, order_id = stage.orders(2)
    stage.shipped(shop, tried)
    (first,) = stage.ledger(tried, "ship")
    facts = stage.packed(shop, order_id)
    path = first["path"].replace(str(stage.truth(tried)["packages"][0]["package_id"]), "")
    stage.fault(kind, path=path.rsplit("//", 1)[-1], times=1)
    with pytest.raises(Unclear):
        stage.ship(shop, facts)
    assert len(stage.ledger(order_id, "ship")) == (0 if kind == "error_500" else 1)
