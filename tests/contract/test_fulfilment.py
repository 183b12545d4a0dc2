"""Orders out: packed, arranged, labelled, delivered, and nothing of it twice."""

from __future__ import annotations

from io import BytesIO

import pikepdf

from crossdock.channels.contract import NoLabel, Parcel
from crossdock.rules.facts import Stage
from tests.contract.stage import OnStage
from tests.contract.test_orders import compare


def test_packing_allots_packages_where_the_channel_packs(stage: OnStage) -> None:
    shop, order_id = stage.shop(), stage.orders(1)[0]
    facts = stage.packed(shop, order_id)
    compare(facts, stage.truth(order_id))
    if stage.known.can.pack:
        assert {line.stage for line in facts.lines} == {Stage.PACKED}
        assert facts.packages


def test_an_arranged_order_waits_for_its_courier_with_a_number(stage: OnStage) -> None:
    shop, order_id = stage.shop(), stage.orders(1)[0]
    facts = stage.shipped(shop, order_id)
    assert {line.stage for line in facts.lines} == {Stage.READY}
    compare(facts, stage.truth(order_id))
    assert all(package.tracking_number for package in facts.packages)
    assert [row["accepted"] for row in stage.ledger(order_id, "ship")] == [True]


def test_arranging_again_changes_nothing_and_says_so(stage: OnStage) -> None:
    stage.sandbox.post("/strict", system=stage.system, duplicates="refuse")
    shop, order_id = stage.shop(), stage.orders(1)[0]
    facts = stage.packed(shop, order_id)
    assert stage.ship(shop, facts).ok
    again = stage.known.ship(shop, [stage.parcel(facts)])[0]
    assert again.already or not again.ok, again
    assert [row["accepted"] for row in stage.ledger(order_id, "ship")].count(True) == 1


def test_labels_are_pdfs_one_a_package(stage: OnStage) -> None:
    shop, order_id = stage.shop(), stage.orders(1)[0]
    facts = stage.shipped(shop, order_id)
    labels = stage.labels(shop, facts)
    assert [label.package_id for label in labels] == [one.package_id for one in facts.packages]
    for label in labels:
        with pikepdf.open(BytesIO(label.pdf)) as opened:
            assert len(opened.pages) == 1


def test_there_is_no_label_before_there_is_a_parcel(stage: OnStage) -> None:
    shop, order_id = stage.shop(), stage.orders(1)[0]
    facts = stage.read(shop, order_id)
    answer = stage.known.labels(shop, stage.parcel(facts))
    assert isinstance(answer, NoLabel) or answer == ()


def test_a_courier_brings_an_order_to_its_end(stage: OnStage) -> None:
    shop, order_id = stage.shop(), stage.orders(1)[0]
    stage.shipped(shop, order_id)
    for event, reached in (
        ("pick_up", Stage.SHIPPED),
        ("deliver", Stage.DELIVERED),
        ("complete", Stage.COMPLETED),
    ):
        stage.event(order_id, event)
        facts = stage.read(shop, order_id)
        assert {line.stage for line in facts.lines} == {reached}
        compare(facts, stage.truth(order_id))


def test_a_parcel_that_is_lost_or_sent_back_no_longer_counts(stage: OnStage) -> None:
    shop = stage.shop()
    for event in ("lose", "send_back"):
        order_id = stage.orders(1)[0]
        stage.shipped(shop, order_id)
        stage.event(order_id, "pick_up")
        stage.event(order_id, event)
        facts = stage.read(shop, order_id)
        assert facts.live_lines == ()
        compare(facts, stage.truth(order_id))


def test_an_order_that_the_seller_delivers_is_delivered_by_the_seller(delivering: OnStage) -> None:
    shop, order_id = delivering.shop(), delivering.orders(1, self_delivery=True)[0]
    facts = delivering.packed(shop, order_id)
    assert facts.seller_delivers
    told = delivering.ship(shop, facts)
    assert told.ok, told
    facts = delivering.until(shop, order_id, Stage.READY, Stage.SHIPPED)
    if delivering.known.can.deliver:
        told = delivering.known.deliver(shop, [delivering.parcel(facts)])[0]
        assert told.ok, told
        delivering.until(shop, order_id, Stage.DELIVERED)


def test_a_parcel_that_the_seller_could_not_deliver_is_told_to_come_back(
    delivering: OnStage,
) -> None:
    if not delivering.known.can.fail_delivery:
        return
    shop, order_id = delivering.shop(), delivering.orders(1, self_delivery=True)[0]
    assert delivering.ship(shop, delivering.packed(shop, order_id)).ok
    facts = delivering.until(shop, order_id, Stage.READY, Stage.SHIPPED)
    told = delivering.known.fail_delivery(shop, [delivering.parcel(facts)])[0]
    assert told.ok, told
    delivering.until(shop, order_id, Stage.FAILED)


def test_a_packed_parcel_can_be_unpacked_where_the_channel_has_a_call(stage: OnStage) -> None:
    if not stage.known.can.repack:
        return
    shop, order_id = stage.shop(), stage.orders(1)[0]
    facts = stage.packed(shop, order_id)
    packages = tuple(package.package_id for package in facts.packages)
    told = stage.known.repack(shop, [Parcel(order_id, packages)])[0]
    assert told.ok, told
    facts = stage.read(shop, order_id)
    assert {line.stage for line in facts.lines} == {Stage.TO_PACK}
    assert facts.packages == ()
