"""Accept, Reject and Cancel order on the desk: asked first, in the channel's words, with and without
JavaScript."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from crossdock.companies.scope import company_scope
from crossdock.orders import record
from crossdock.orders.facts import return_facts
from crossdock.orders.models import Order, Return
from crossdock.orders.returns import take_in_returns
from crossdock.rules.facts import ReturnFacts, ReturnMove, Tab
from crossdock.stores.models import Store
from crossdock.sync.pull import look_at
from crossdock.work.models import Attempt, Batch
from tests.actions.stage import work
from tests.cast import PASSWORD, Cast
from tests.sandbox.running import RunningSandbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("unhurried")]


@pytest.fixture
def mona(cast: Cast) -> Client:
    """The manager, logged in."""
    return logged_in(cast.mona.email)


def logged_in(email: str) -> Client:
    client = Client()
    assert client.login(email=email, password=PASSWORD)
    return client


@pytest.fixture
def asked(cast: Cast, store: Store, sandbox: RunningSandbox) -> Iterator[list[Order]]:
    """Two orders whose buyers ask to cancel, and a third that nobody asks about."""
    ids = sandbox.orders(3)
    for order_id in ids[:2]:
        sandbox.event(order_id, "request_cancel")
    with company_scope(cast.acme):
        look_at(store, ids)
        yield list(Order.objects.order_by("channel_order_id"))


def text_of(html: bytes | str) -> str:
    page = html.decode() if isinstance(html, bytes) else html
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def fields(html: str) -> dict[str, list[str]]:
    """The hidden fields of the question's form."""
    form = html[html.index('enctype="multipart/form-data"') :]
    found: dict[str, list[str]] = {}
    for tag in re.findall(r'<input type="hidden"[^>]*>', form):
        pairs = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        found.setdefault(unescape(pairs["name"]), []).append(unescape(pairs["value"]))
    return found


def press(client: Client, value: str, *orders: Order, htmx: bool = False) -> str:
    """Press a button of the list; the question that comes."""
    answer = client.post(
        "/c/acme/orders/act/",
        {"action": value, "orders": [str(order.pk) for order in orders], "query": "tab=to-cancel", "form_key": "k1"},
        follow=True,
        headers={"HX-Request": "true"} if htmx else {},
    )  # fmt: skip
    assert answer.status_code == 200
    if htmx:
        assert answer.headers["HX-Retarget"] == "#asking"
        assert "<dialog" in answer.content.decode()
    return answer.content.decode()


def test_the_list_offers_accept_and_reject_and_shows_until_when_and_why(
    mona: Client, asked: list[Order]
) -> None:
    page = mona.get("/c/acme/orders/?tab=to-cancel").content.decode()
    assert [
        text_of(found) for found in re.findall(r"<button name=\"action\".*?</button>", page)
    ] == [
        "Accept",
        "Reject",
    ]
    assert "Answer by" in page
    assert "Ship by</th>" not in page
    assert "Select all" not in page.partition("pager")[2]
    assert page.count('class="ship-by') == 2
    for order in asked[:2]:
        assert order.cancel_words in page


@pytest.mark.parametrize("htmx", [True, False])
def test_accepting_asks_first_and_names_what_cannot_be_done(
    mona: Client, asked: list[Order], htmx: bool
) -> None:
    question = press(mona, "answer_cancellation:accept", *asked, htmx=htmx)
    assert Batch.objects.count() == 0
    words = text_of(question)
    assert "Accept 2 cancellations" in words
    assert "No cancellation is asked for any more" in words
    mona.post("/c/acme/orders/cancellations/", {**fields(question), "sure": "1"})
    batch = Batch.objects.get()
    assert set(batch.attempts.values_list("order_id", flat=True)) == {one.pk for one in asked[:2]}
    work()
    assert set(Attempt.objects.values_list("state", flat=True)) == {"done"}


def test_rejecting_asks_for_one_of_the_channels_reasons_and_keeps_what_was_chosen(
    mona: Client, asked: list[Order], sandbox: RunningSandbox
) -> None:
    question = press(mona, "answer_cancellation:reject", asked[0], htmx=True)
    choices = re.findall(r'<option value="([^"]+)"[^>]*>([^<]+)', question)
    assert choices, question
    sent = fields(question)
    again = mona.post("/c/acme/orders/cancellations/", sent)
    assert Batch.objects.count() == 0
    assert "This field is required" in text_of(again.content)
    sent = fields(again.content.decode())
    wrong = mona.post("/c/acme/orders/cancellations/", {**sent, "lazada:reject-reason": "none"})
    assert "Select a valid choice" in text_of(wrong.content)
    mona.post("/c/acme/orders/cancellations/", {**sent, "lazada:reject-reason": choices[0][0]})
    work()
    attempt = Attempt.objects.get()
    assert (attempt.state, attempt.sent["reason"]) == ("done", choices[0][0])
    row = sandbox.ledger("reject_cancel")[-1]
    assert (row["order_id"], row["accepted"]) == (asked[0].channel_order_id, True)


def test_the_same_form_sent_twice_is_one_batch(mona: Client, asked: list[Order]) -> None:
    sent = fields(press(mona, "answer_cancellation:accept", asked[0]))
    for _ in range(2):
        mona.post("/c/acme/orders/cancellations/", sent)
    assert Batch.objects.count() == 1


def test_a_channel_that_does_not_answer_is_quoted_and_can_be_asked_again(
    mona: Client, asked: list[Order], sandbox: RunningSandbox
) -> None:
    (order,) = asked[2:]
    sandbox.post("/faults", system="lazada", kind="error_500", times=1)
    broken = mona.get(f"/c/acme/orders/{order.pk}/cancel/").content.decode()
    assert "Lazada: " in text_of(broken)
    assert "Try again" in text_of(broken)
    assert 'name="sure"' not in broken
    whole = mona.get(f"/c/acme/orders/{order.pk}/cancel/").content.decode()
    assert 'name="sure"' in whole
    reasons = re.findall(r'<option value="([^"]+)"', whole)
    mona.post(
        f"/c/acme/orders/{order.pk}/cancel/",
        {**fields(whole), "lazada:cancel-reason": reasons[0]},
    )
    work()
    order.refresh_from_db()
    assert (Attempt.objects.get().state, order.tab) == ("done", Tab.OTHERS)


def test_all_that_match_are_never_answered_at_once(mona: Client, asked: list[Order]) -> None:
    answer = mona.post(
        "/c/acme/orders/act/",
        {"action": "answer_cancellation:accept", "all": "1", "query": "tab=to-cancel"},
        follow=True,
    )
    assert "one by one" in text_of(answer.content)
    assert Batch.objects.count() == 0


def test_who_may_not_answer_sees_no_button_and_is_refused(cast: Cast, asked: list[Order]) -> None:
    pat = logged_in(cast.pat.email)
    page = pat.get("/c/acme/orders/?tab=to-cancel").content.decode()
    assert "answer_cancellation" not in page
    page = pat.get(f"/c/acme/orders/{asked[0].pk}/").content.decode()
    assert "answer_cancellation" not in page
    assert "cancel_order" not in page
    assert pat.post("/c/acme/orders/cancellations/", {"orders": asked[0].pk}).status_code == 403


def test_the_order_page_offers_what_this_order_allows_and_nothing_else(
    mona: Client, asked: list[Order], cast: Cast
) -> None:
    buttons = re.compile(r'<button[^>]*name="action" value="([^"]+)"')
    wanting, plain = asked[0], asked[2]
    page = mona.get(f"/c/acme/orders/{wanting.pk}/").content.decode()
    assert buttons.findall(page) == ["answer_cancellation:accept", "answer_cancellation:reject"]
    page = mona.get(f"/c/acme/orders/{plain.pk}/").content.decode()
    assert buttons.findall(page) == ["pack", "cancel_order"]


RETURN = {
    "status": "REQUEST_INITIATE",
    "goods_back": True,
    "currency": "MYR",
    "amount": Decimal("19.90"),
    "is_open": True,
    "waits_for_us": True,
    "reason": "Damaged item",
    "comment": "The lid came off, my address is 12 Jalan Ampang.",
    "image_urls": ("https://buyers.example/1.jpg", "javascript:alert(1)"),
}


def with_return(order: Order, return_id: str, *moves: ReturnMove, **more: object) -> Return:
    now = record.now()
    facts = ReturnFacts(
        return_id=return_id, order_id=order.channel_order_id, created_at=now, updated_at=now,
        moves=moves, deadline=timezone.now() + timedelta(hours=30), **{**RETURN, **more},  # type: ignore[arg-type]
    )  # fmt: skip
    take_in_returns(order.store, [facts], fetched_at=now)
    order.refresh_from_db()
    return Return.objects.get(order=order, return_id=return_id)


def test_an_open_return_shows_as_a_badge_in_any_tab_and_its_moves_on_the_order_page(
    mona: Client, asked: list[Order], cast: Cast
) -> None:
    order = asked[2]
    row = with_return(order, "77", ReturnMove.TAKE_BACK, ReturnMove.REJECT, waits_for_us=False)
    assert "return open" in text_of(mona.get("/c/acme/orders/?tab=new-order").content)
    page = mona.get(f"/c/acme/orders/{order.pk}/").content.decode()
    moves = re.findall(r'<button name="move" value="([^"]+)"[^>]*>([^<]+)', page)
    assert moves == [("take_back", "Take back"), ("reject", "Reject")]
    assert f'action="/c/acme/returns/{row.pk}/"' in page
    assert 'href="https://buyers.example/1.jpg"' in page
    assert "javascript:" not in page
    assert "The lid came off" in page
    seen_by_bo = logged_in(cast.bo.email).get(f"/c/acme/orders/{order.pk}/").content.decode()
    assert "The lid came off" not in seen_by_bo
    assert 'name="move"' not in seen_by_bo


def test_the_to_return_tab_shows_kind_amount_reason_and_until_when(
    mona: Client, asked: list[Order]
) -> None:
    with_return(asked[2], "77", ReturnMove.REFUND)
    page = text_of(mona.get("/c/acme/orders/?tab=to-return").content)
    for words in (
        "Goods back",
        "19.90",
        "Damaged item",
        "REQUEST_INITIATE",
        "1 d 5 h",
        "Picture 1",
    ):
        assert words in page, words


def test_one_answer_for_many_returns_means_the_move_that_was_shown(
    mona: Client, asked: list[Order], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = asked
    for order in (first, second):
        Order.objects.filter(pk=order.pk).update(cancel_requested=False)
    rows = [with_return(order, f"7{order.pk}", ReturnMove.REFUND) for order in (first, second)]
    with_return(third, "81", ReturnMove.REFUND)
    with_return(third, "82", ReturnMove.REFUND)
    question = press(mona, "answer_return:accept", first, second, third)
    words = text_of(question)
    assert "Accept 2 returns" in words
    assert "Several returns wait" in words
    moved = return_facts(rows[1])
    with_return(second, moved.return_id, ReturnMove.RECEIVED, status="RTM_RECEIVE_ITEM")
    mona.post("/c/acme/orders/returns/", fields(question))
    attempt = Attempt.objects.get()
    assert attempt.options["moves"] == {str(first.pk): [rows[0].return_id, "refund"]}


def test_a_return_that_has_moved_on_is_said_instead_of_asked(
    mona: Client, asked: list[Order]
) -> None:
    row = with_return(asked[2], "77", is_open=False, waits_for_us=False, status="REFUND_SUCCESS")
    page = text_of(mona.get(f"/c/acme/returns/{row.pk}/?move=reject").content)
    assert "The return has ended: REFUND_SUCCESS" in page
    assert "Nothing is left to do here" in page


def test_a_form_without_the_pages_own_seal_is_not_taken(mona: Client, asked: list[Order]) -> None:
    sent = fields(press(mona, "answer_cancellation:reject", asked[0]))
    sent["form-lazada:reject"] = ["made-up"]
    answer = mona.post("/c/acme/orders/cancellations/", {**sent, "lazada:reject-reason": "1"})
    assert Batch.objects.count() == 0
    assert "open it once more" in text_of(answer.content)
