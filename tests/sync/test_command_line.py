"""``crossdock sync`` in its three forms."""

from __future__ import annotations

from datetime import timedelta

import pytest
from click.testing import CliRunner, Result
from django.utils import timezone

from crossdock.cli import main
from crossdock.companies.scope import all_companies
from crossdock.stores.models import Store
from crossdock.sync.days import beginning, today
from crossdock.sync.models import Pull
from tests.cast import Cast
from tests.sync.playing import Played

pytestmark = pytest.mark.django_db(transaction=True)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["sync", *arguments])


def test_without_anything_it_fetches_what_is_new(everywhere: Played) -> None:
    made = everywhere.orders(3)
    done = run()
    assert done.exit_code == 0, done.output
    assert "orders listed" in done.output
    assert set(made) <= everywhere.here()


def test_chosen_days_are_fetched_by_creation(everywhere: Played, cast: Cast) -> None:
    zone = cast.acme.zone
    day = today(zone) - timedelta(days=20)
    at = (beginning(day, zone) + timedelta(hours=1)).isoformat()
    made = everywhere.orders(2, created_at=at)
    done = run("--from", day.isoformat(), "--to", day.isoformat(), "--by", "created")
    assert done.exit_code == 0, done.output
    assert set(made) <= everywhere.here()
    with all_companies():
        orders = Pull.objects.filter(part="orders").get()
        assert orders.until == beginning(day + timedelta(days=1), zone)


def test_completeness_tells_and_fetches_what_is_missing(played: Played, cast: Cast) -> None:
    zone = cast.acme.zone
    yesterday = today(zone) - timedelta(days=1)
    at = (beginning(yesterday, zone) + timedelta(hours=9)).isoformat()
    made = played.orders(2, created_at=at)
    done = run("--completeness")
    assert done.exit_code == 0, done.output
    assert f"Kedai Harian MY {yesterday}:" in done.output
    assert "missing: fetched." in done.output
    assert set(made) <= played.here()
    assert "Nothing was missing." in run("--completeness").output


def test_a_store_that_cannot_be_asked_makes_the_answer_1(played: Played) -> None:
    with all_companies():
        Store.objects.update(paused_at=timezone.now())
    done = run()
    assert (done.exit_code, done.output) == (1, "Kedai Harian MY: it is paused\n")


def test_a_wrong_name_or_range_is_told(played: Played) -> None:
    unknown = run("--store", "Nowhere")
    assert unknown.exit_code == 1
    assert "There are: Kedai Harian MY." in unknown.output
    assert "--to needs --from" in run("--to", "2026-03-01").output
    backwards = run("--from", "2026-03-02", "--to", "2026-03-01")
    assert "end before they begin" in backwards.output


@pytest.mark.parametrize(
    "days",
    [("0001-01-01", "0001-01-02"), ("2026-01-01", "9999-12-31"), ("9999-12-31", "9999-12-31")],
)
@pytest.mark.parametrize("proof", [(), ("--completeness",)])
def test_days_of_another_age_are_refused(
    everywhere: Played, days: tuple[str, str], proof: tuple[str, ...]
) -> None:
    done = run(*proof, "--from", days[0], "--to", days[1])
    assert done.exit_code == 2
    assert "Days are from 2000-01-01 to 2099-12-31" in done.output
