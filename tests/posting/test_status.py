"""What the icon beside Post Order, the history and the timeline say of runs."""

from __future__ import annotations

import pytest
from django.test import Client as Browser
from django.utils import timezone

from crossdock.orders.models import Order
from crossdock.posting.automatic import post_what_is_due
from crossdock.posting.in_the_books import nothing_sent
from crossdock.posting.models import PostWhen, SkuCode, SqlAccount
from crossdock.posting.sqlaccount.answers import failure
from crossdock.posting.status import PostingStatus, posting_status
from crossdock.rules.facts import Stage
from crossdock.stores.models import Store
from crossdock.work.batch import progress, start
from crossdock.work.lane import drain
from crossdock.work.models import Attempt, Batch, Lane, State
from tests.cast import Cast
from tests.posting.test_after_posting import acme, of_three, post, take_in

__all__ = ["acme"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("unhurried")]


def pressed(cast: Cast, key: str, orders: list[Order]) -> Batch:
    return start(cast.acme, cast.bo, "post", form_key=key, order_ids=[one.pk for one in orders])


def drained() -> None:
    drain(Lane.objects.get(name="sqlaccount").pk)


def test_what_another_run_is_at_is_neither_done_nor_posted_by_the_second(
    acme: Cast, books: SqlAccount, store: Store, client: Browser
) -> None:
    orders = [take_in(store, of_three()) for _ in range(3)]
    first, second = pressed(acme, "first", orders), pressed(acme, "second", orders)
    told = progress(second)
    assert (told.good, told.under_way, told.settled) == (0, 3, 3)
    client.force_login(acme.bo)
    history = client.get("/c/acme/posting/").content.decode()
    assert "3 already under way" in history
    assert "3 posted" not in history
    shown = client.get(f"/c/acme/batches/{second.pk}/").content.decode()
    assert "3 already under way" in shown
    assert "3 done" not in shown
    drained()
    assert progress(first).good == 3
    assert progress(second).good == 0
    third = pressed(acme, "third", orders)
    drained()
    assert (progress(third).good, progress(third).under_way) == (3, 0), "posted already is done"


def test_the_icon_is_blue_while_any_order_of_any_run_goes_on(
    acme: Cast, books: SqlAccount, store: Store
) -> None:
    orders = [take_in(store, of_three()) for _ in range(2)]
    assert posting_status() is PostingStatus.NONE
    pressed(acme, "first", orders)
    second = pressed(acme, "second", orders)
    Batch.objects.filter(pk=second.pk).update(finished_at=timezone.now())
    assert posting_status() is PostingStatus.IN_PROGRESS, "the first is at them still"
    for state in (State.SENDING, State.ASKING):
        Attempt.objects.filter(batch__form_key="first").update(state=state)
        assert posting_status() is PostingStatus.IN_PROGRESS
    Attempt.objects.filter(batch__form_key="first").update(state=State.QUEUED)
    drained()
    assert posting_status() is PostingStatus.COMPLETED


def test_the_icon_is_red_where_the_newest_run_failed_or_waits_for_a_person(
    acme: Cast, books: SqlAccount, store: Store
) -> None:
    orders = [take_in(store, of_three()) for _ in range(2)]
    SkuCode.objects.all().delete()
    pressed(acme, "first", orders)
    pressed(acme, "second", orders)
    drained()
    assert posting_status() is PostingStatus.FAILED, "the second left its orders to the first"
    newest = Attempt.objects.filter(batch=pressed(acme, "third", orders))
    for state in (State.WAITING, State.UNCLEAR, State.REFUSED, State.PARTLY):
        newest.update(state=state)
        assert posting_status() is PostingStatus.FAILED
    newest.update(state=State.DONE)
    assert posting_status() is PostingStatus.COMPLETED


def test_a_run_that_nobody_pressed_is_told_as_automatic(
    acme: Cast, books: SqlAccount, store: Store, client: Browser
) -> None:
    facts = of_three(Stage.SHIPPED)
    order = take_in(store, facts)
    SqlAccount.objects.update(post_when=PostWhen.SHIPPED)
    assert post_what_is_due(acme.acme, SqlAccount.objects.get()) == 1
    drained()
    batch = Batch.objects.get()
    assert batch.person is None
    client.force_login(acme.bo)
    for page in ("/c/acme/posting/", "/c/acme/batches/", f"/c/acme/batches/{batch.pk}/"):
        shown = client.get(page).content.decode().rpartition("</select>")[2]
        assert "automatically" in shown
        assert acme.alice.name not in shown
    timeline = client.get(f"/c/acme/orders/{order.pk}/").content.decode()
    timeline = timeline[timeline.index('class="timeline"') :]
    assert "automatically" in timeline
    assert acme.alice.name not in timeline


def test_a_person_who_posts_is_named(
    acme: Cast, books: SqlAccount, store: Store, client: Browser
) -> None:
    facts = of_three()
    order = take_in(store, facts)
    post(acme, facts, "by hand")
    client.force_login(acme.bo)
    timeline = client.get(f"/c/acme/orders/{order.pk}/").content.decode()
    timeline = timeline[timeline.index('class="timeline"') :]
    assert acme.bo.name in timeline
    assert "automatically" not in timeline


def test_no_free_seat_waits_for_a_person_and_says_what_to_do() -> None:
    words = b"License: 1 concurrent connection allowed, 2 users logged on"
    outcome = nothing_sent(failure(400, words, writes=True))
    assert outcome.state is State.WAITING
    assert outcome.words.startswith("License: 1 concurrent connection allowed, 2 users logged on.")
    assert "Log somebody out of SQL Account" in outcome.words
