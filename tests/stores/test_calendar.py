"""The token calendar: said in the app at once, by mail once a stage, and never twice."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from crossdock.companies.models import Membership
from crossdock.companies.rights import Role
from crossdock.companies.scope import company_scope
from crossdock.ops.check import findings
from crossdock.stores.calendar import Stage, ending_of
from crossdock.stores.jobs import look_at_the_calendar, write_to_owner
from crossdock.stores.models import Store
from crossdock.stores.warn import send, stage_to_tell
from tests.cast import Cast
from tests.stores.conftest import Desk, logged_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("unhurried")]

NOW = datetime(2026, 11, 1, 12, tzinfo=timezone.get_default_timezone())


def store_that_ends(**more: Any) -> Store:
    return Store(name="Kedai", linked_at=NOW - timedelta(days=200), **more)


@pytest.mark.parametrize(
    ("left", "stage"),
    [
        (timedelta(days=31), Stage.CALM),
        (timedelta(days=30), Stage.MONTH),
        (timedelta(days=7, minutes=1), Stage.MONTH),
        (timedelta(days=7), Stage.WEEK),
        (timedelta(days=1), Stage.DAY),
        (timedelta(seconds=1), Stage.DAY),
        (timedelta(0), Stage.DEAD),
        (timedelta(days=-3), Stage.DEAD),
    ],
)
def test_the_stages_follow_the_days_that_are_left(left: timedelta, stage: Stage) -> None:
    assert ending_of(store_that_ends(refresh_expires_at=NOW + left), NOW).stage is stage


def test_an_end_that_is_not_told_is_calm() -> None:
    assert ending_of(store_that_ends(), NOW).stage is Stage.CALM


def test_a_dead_store_is_dead_however_many_days_are_left() -> None:
    store = store_that_ends(refresh_expires_at=NOW + timedelta(days=90), token_dead_words="gone")
    assert ending_of(store, NOW).stage is Stage.DEAD


@pytest.mark.parametrize(
    ("given", "stages"), [(7, {"", "1"}), (30, {"", "7", "1"}), (180, {"", "30", "7", "1"})]
)
def test_a_warning_that_would_be_due_from_the_first_day_on_is_left_out(
    given: int, stages: set[str]
) -> None:
    end = NOW + timedelta(days=given)
    store = store_that_ends(refresh_expires_at=end, end_granted_at=NOW)
    hours = range(given * 24)
    assert {ending_of(store, NOW + timedelta(hours=hour)).stage for hour in hours} == stages


def test_a_consent_outlasts_the_refresh_tokens_that_are_renewed_all_the_time() -> None:
    store = store_that_ends(
        refresh_expires_at=NOW + timedelta(days=29), consent_ends_at=NOW + timedelta(days=200)
    )
    assert ending_of(store, NOW).days == 200
    store.refresh_expires_at = NOW + timedelta(days=3)
    assert ending_of(store, NOW).days == 3, "nobody has renewed it for weeks"
    store.refresh_expires_at, store.consent_ends_at = (
        NOW + timedelta(days=30),
        NOW + timedelta(days=6),
    )
    assert ending_of(store, NOW).stage is Stage.WEEK


def set_store(store: Store, **fields: Any) -> Store:
    with company_scope(store.company_id):
        Store.objects.filter(pk=store.pk).update(**fields)
        return Store.objects.get(pk=store.pk)


def ends_in(store: Store, **left: int) -> Store:
    return set_store(store, refresh_expires_at=timezone.now() + timedelta(**left))


def run_calendar() -> list[tuple[str, str]]:
    """Let the schedule run, and every letter that it ordered; (to, subject) of each."""
    mail.outbox.clear()
    look_at_the_calendar(0)
    jobs = ProcrastinateJob.objects.filter(task_name="stores.write", status="todo")
    for job in jobs:
        write_to_owner(**job.args)
    pks = list(jobs.values_list("pk", flat=True))
    for pk in pks:
        app.job_manager.cancel_job_by_id(pk)
    return sorted((letter.to[0], str(letter.subject)) for letter in mail.outbox)


@pytest.fixture
def mail_server(settings: Any) -> None:
    """A mail server is set; its letters are kept in memory."""
    settings.EMAIL_HOST = "mail.example.test"


@pytest.mark.usefixtures("mail_server")
def test_every_owner_is_told_once_a_stage(store: Store, cast: Cast) -> None:
    Membership.objects.filter(person=cast.mona).update(role=Role.OWNER)
    ends_in(store, days=20)
    assert run_calendar() == [
        ("alice@example.test", "Kedai Harian MY: 19 days left to link it again"),
        ("mona@example.test", "Kedai Harian MY: 19 days left to link it again"),
    ]
    assert run_calendar() == []
    ends_in(store, days=6, hours=1)
    assert [subject for _, subject in run_calendar()] == [
        "Kedai Harian MY: 6 days left to link it again"
    ] * 2
    ends_in(store, hours=20)
    assert [subject for _, subject in run_calendar()] == [
        "Kedai Harian MY: less than a day left to link it again"
    ] * 2
    set_store(store, token_dead_words="The store must be linked again: revoked (105002)")
    assert [subject for _, subject in run_calendar()] == [
        "Kedai Harian MY must be linked again"
    ] * 2
    assert "revoked (105002)" in mail.outbox[0].body
    assert "/c/acme/stores/" in mail.outbox[0].body
    assert run_calendar() == []


@pytest.mark.usefixtures("mail_server")
def test_of_stages_that_were_slept_through_only_the_last_is_told(store: Store) -> None:
    ends_in(store, hours=3)
    assert [subject for _, subject in run_calendar()] == [
        "Kedai Harian MY: less than a day left to link it again"
    ]


@pytest.mark.usefixtures("mail_server")
def test_an_end_that_moved_away_is_told_anew_when_it_comes(store: Store) -> None:
    ends_in(store, days=6)
    assert len(run_calendar()) == 1
    ends_in(store, days=120)
    assert run_calendar() == []
    ends_in(store, days=6)
    assert len(run_calendar()) == 1


@pytest.mark.usefixtures("mail_server")
def test_a_letter_that_has_lost_its_reason_is_not_sent(store: Store, cast: Cast) -> None:
    with company_scope(cast.acme):
        soon = ends_in(store, days=6)
        assert stage_to_tell(soon) is Stage.WEEK
        assert not send(ends_in(store, days=100), Stage.WEEK, cast.alice.pk), "linked meanwhile"
        assert not send(ends_in(store, days=6), Stage.WEEK, cast.mona.pk), "never an owner"
        assert send(ends_in(store, days=6), Stage.WEEK, cast.alice.pk)
    assert len(mail.outbox) == 1


def test_two_schedules_at_once_tell_once(store: Store, cast: Cast) -> None:
    with company_scope(cast.acme):
        first = ends_in(store, days=6)
        second = Store.objects.get(pk=store.pk)
        assert [stage_to_tell(first), stage_to_tell(second)] == [Stage.WEEK, None]


def test_without_a_mail_server_nothing_is_sent_and_the_check_says_so(
    store: Store, settings: Any
) -> None:
    settings.EMAIL_HOST = ""
    ends_in(store, days=6)
    assert run_calendar() == []
    words = next(one.text for one in findings() if one.text.startswith("e-mail"))
    assert "no mail is sent" in words


def test_the_configuration_sends_nothing_without_a_mail_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from crossdock.configuration import read

    monkeypatch.delenv("CROSSDOCK_EMAIL_HOST", raising=False)
    assert read().email["EMAIL_BACKEND"] == "django.core.mail.backends.dummy.EmailBackend"
    monkeypatch.setenv("CROSSDOCK_EMAIL_HOST", "mail.example.test")
    assert read().email["EMAIL_BACKEND"] == "crossdock.companies.letter_box.LetterBox"


@pytest.mark.parametrize("path", ["orders/", "stores/", "people/", "batches/"])
def test_owners_see_the_end_coming_on_every_page(desk: Desk, store: Store, path: str) -> None:
    ends_in(store, days=20)
    page = desk.client.get(f"/c/acme/{path}").content.decode()
    assert "The authorisation of Kedai Harian MY ends in 19 days." in page
    assert '<aside class="banner info" aria-label="Stores">' in page


def test_the_others_are_told_quietly_and_not_a_month_before(cast: Cast, store: Store) -> None:
    packer = logged_in(cast.pat)
    ends_in(store, days=20)
    assert "ends in 19 days" not in packer.get("/c/acme/orders/").content.decode()
    ends_in(store, days=3)
    page = packer.get("/c/acme/orders/").content.decode()
    assert "An owner can link it again" in page
    assert "quiet" in page
    assert 'name="store"' not in page


def test_an_end_that_has_come_is_told_as_a_stop_beside_the_ends_that_come(
    desk: Desk, store: Store
) -> None:
    ends_in(store, days=20)
    with company_scope(desk.company):
        Store.objects.create(
            company=desk.company, channel="lazada", region="SG", shop_id="9", name="Dead <shop>",
            token_dead_words="The store must be linked again: revoked",
        )  # fmt: skip
    page = desk.client.get("/c/acme/orders/").content.decode()
    assert "Dead &lt;shop&gt;</strong> has stopped: it must be linked again: revoked" in page
    assert "ends in 19 days" in page


def test_the_end_that_comes_first_is_told_and_the_rest_is_counted(desk: Desk, store: Store) -> None:
    ends_in(store, days=20)
    with company_scope(desk.company):
        Store.objects.create(
            company=desk.company, channel="lazada", region="SG", shop_id="9", name="Sooner",
            refresh_expires_at=timezone.now() + timedelta(days=2, hours=1),
        )  # fmt: skip
    page = desk.client.get("/c/acme/orders/").content.decode()
    assert "The authorisation of Sooner ends in 2 days." in page
    assert "1 more" in page


def test_a_page_that_is_forbidden_shows_the_banner_too(cast: Cast, store: Store) -> None:
    ends_in(store, days=3)
    answer = logged_in(cast.pat).get("/c/acme/people/")
    assert answer.status_code == 403
    assert "ends in 2 days" in answer.content.decode()


def test_another_companys_end_is_not_shown(cast: Cast, store: Store) -> None:
    ends_in(store, days=3)
    assert "Kedai" not in logged_in(cast.charlie).get("/c/bolt/orders/").content.decode()
