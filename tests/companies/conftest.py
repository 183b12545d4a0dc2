"""Letters as people get them: ordered by a page, written by the jobs, read in the mailbox."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.db import connection
from django.test import Client
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from crossdock.companies.models import Person
from tests.cast import PASSWORD

Post = Callable[[], list[EmailMessage]]


@pytest.fixture(autouse=True)
def _begin_afresh(request: pytest.FixtureRequest) -> None:
    """No tries counted, no letters waiting: both outlive the tests that made them."""
    if "db" in request.fixturenames or "transactional_db" in request.fixturenames:
        request.getfixturevalue("db")
        cache.clear()
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs")


@pytest.fixture
def mail_server(settings: Any) -> Any:
    """A mail server is set; what it is given is kept in memory."""
    settings.EMAIL_HOST = "mail.example.test"
    settings.PUBLIC_URL = "https://desk.example.test"
    return settings


@pytest.fixture
def post(mail_server: Any) -> Post:
    """The postman: write what was ordered, and hand over the letters since the last time."""

    def deliver() -> list[EmailMessage]:
        mail.outbox.clear()
        jobs = ProcrastinateJob.objects.filter(task_name__startswith="companies.", status="todo")
        for job in jobs.order_by("pk"):
            app.tasks[job.task_name](**job.args)
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs")
        return list(mail.outbox)

    return deliver


def visitor(person: Person | None = None, password: str = PASSWORD) -> Client:
    """A browser; with a person it is logged in, by the login page itself."""
    client = Client()
    if person is not None:
        answer = client.post("/accounts/login/", {"login": person.email, "password": password})
        assert answer.status_code == 302, text_of(answer)
    return client


def link_in(letter: EmailMessage) -> str:
    """The path of the link in a letter, which begins with the public address."""
    found = re.search(r"https://desk\.example\.test(/\S+)", str(letter.body))
    assert found, letter.body
    return found[1]


def text_of(answer: Any) -> str:
    """A page's words, as one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def mailbox_of(letters: list[EmailMessage], address: str) -> list[EmailMessage]:
    """What came for this address."""
    return [letter for letter in letters if letter.to == [address]]
