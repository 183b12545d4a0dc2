"""What a worker rehearses at its start goes as far as a scan does, and leaves nothing behind."""

from __future__ import annotations

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob
from structlog.testing import capture_logs

from crossdock.companies.scope import all_companies, company_scope
from crossdock.orders.models import History, Order
from crossdock.work import attempt as road
from crossdock.work.models import Attempt, Lane, Turn
from crossdock.work.rehearsal import rehearse
from tests.cast import Cast
from tests.desk.book import order, store_of, take_in

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_rehearsal_prepares_a_call_and_undoes_it(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    with company_scope(cast.acme):
        take_in(store_of(cast.acme), [order(1)])
        before = list(Order.objects.values()), History.objects.count()
    prepared = []
    prepare = road.prepare
    monkeypatch.setattr(road, "prepare", lambda *given: prepared.append(prepare(*given)))
    with capture_logs() as said:
        rehearse()
    assert prepared
    assert not [one for one in said if "stumbled" in one["event"]]
    with company_scope(cast.acme):
        assert (list(Order.objects.values()), History.objects.count()) == before
    with all_companies():
        assert not Attempt.objects.exists()
        assert not Lane.objects.exists()
    assert not Turn.objects.exists()
    assert ProcrastinateJob.objects.filter(status="todo").count() == 1
