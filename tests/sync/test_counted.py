"""Messages of strangers are counted without filling the database."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from crossdock.channels.contract import App
from crossdock.sync import webhooks
from crossdock.sync.models import Counter
from tests.sync.listening import counted

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def app(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lazada's app, and a process that has counted nothing yet."""
    settings.CHANNEL_APPS = {"lazada": App("1", "secret")}
    monkeypatch.setattr(webhooks, "_rows_of_this_minute", {})


def forge(times: int) -> None:
    for _ in range(times):
        Client().post("/webhooks/lazada", b"{}", content_type="application/json")


def test_forged_messages_of_a_minute_are_counted_in_one_row() -> None:
    forge(20)
    assert (counted("wrong signature"), Counter.objects.count()) == (20, 1)


def test_the_next_minute_has_a_row_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    forge(2)
    monkeypatch.setattr(webhooks, "_MINUTE", -1.0)
    forge(1)
    assert (counted("wrong signature"), Counter.objects.count()) == (3, 2)


def test_a_row_that_was_deleted_meanwhile_is_begun_anew() -> None:
    forge(2)
    Counter.objects.all().delete()
    forge(3)
    assert counted("wrong signature") == 3
