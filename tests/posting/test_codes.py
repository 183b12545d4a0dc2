"""Reading the codes of the books: all of them once, afterwards what has changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from crossdock.companies.scope import company_scope
from crossdock.posting import reading_codes
from crossdock.posting.connect import client_of
from crossdock.posting.jobs import read_changed_codes
from crossdock.posting.models import BooksCode, SqlAccount
from crossdock.posting.reading_codes import read_codes
from tests.cast import Cast
from tests.sandbox.running import RunningSandbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("unhurried")]

MUG = "MUG-BLUE"
Changed = Callable[..., None]


@pytest.fixture
def changed(books: SqlAccount) -> Changed:
    """Somebody changes a stock item in SQL Account."""

    def change(code: str, **fields: Any) -> None:
        client = client_of(books)
        (row,) = client._read("/stockitem", {"code": code})
        client._write("PUT", f"/stockitem/{row['dockey']}", fields)

    return change


def calls(sandbox: RunningSandbox, path: str = "/stockitem") -> int:
    counted = sandbox.get("/stats")["calls"]
    return int(counted.get(f"sqlaccount GET {path}", 0))


def named(code: str) -> str:
    return BooksCode.objects.get(kind=BooksCode.Kind.ITEM, code=code).description


@pytest.mark.parametrize("means", ["since", "equal"])
def test_what_has_changed_is_read_whatever_the_filter_means(
    cast: Cast, books: SqlAccount, sandbox: RunningSandbox, changed: Changed, means: str
) -> None:
    sandbox.post("/strict", system="sqlaccount", lastmodified=means)
    with company_scope(cast.acme):
        every = BooksCode.objects.filter(kind=BooksCode.Kind.ITEM).count()
        changed(MUG, description="Mug, sky blue")
        books.refresh_from_db()
        assert read_codes(books, whole=False) >= 1
        assert named(MUG) == "Mug, sky blue"
        changed(MUG, description="Mug, navy", barcode="9555001002003", shelf="A-01")
        books.refresh_from_db()
        read_codes(books, whole=False)
        mug = BooksCode.objects.get(kind=BooksCode.Kind.ITEM, code=MUG)
        assert (mug.description, mug.barcodes, mug.shelf) == (
            "Mug, navy",
            ["9555001002003"],
            "A-01",
        )
        assert BooksCode.objects.filter(kind=BooksCode.Kind.ITEM).count() == every


def test_among_many_items_one_call_brings_what_has_changed(
    cast: Cast, books: SqlAccount, sandbox: RunningSandbox, changed: Changed
) -> None:
    sandbox.post("/stock", count=300)
    with company_scope(cast.acme):
        read_codes(books)
        books.refresh_from_db()
        before = calls(sandbox)
        read_codes(books, whole=False)
        once = calls(sandbox) - before
        assert named("STOCK-000300") == "Thing 300"
        BooksCode.objects.filter(code="STOCK-000300").update(description="as it was")
        changed("STOCK-000007", description="Thing seven")
        books.refresh_from_db()
        read_codes(books, whole=False)
        assert named("STOCK-000007") == "Thing seven"
    assert once == 1


def test_what_is_gone_from_the_books_is_forgotten_when_all_is_read(
    cast: Cast, books: SqlAccount
) -> None:
    with company_scope(cast.acme):
        BooksCode.objects.create(company=cast.acme, kind=BooksCode.Kind.ITEM, code="GONE")
        BooksCode.objects.update(read_at=datetime(2026, 1, 1, tzinfo=UTC))
        books.refresh_from_db()
        read_codes(books, whole=False)
        assert BooksCode.objects.filter(code="GONE").exists()
        read_codes(books)
        assert not BooksCode.objects.filter(code="GONE").exists()
        assert BooksCode.objects.filter(code=MUG).exists()


def test_large_books_that_cannot_tell_changes_are_left_to_the_weekly_reading(
    cast: Cast, books: SqlAccount, sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.post("/strict", system="sqlaccount", lastmodified="equal")
    monkeypatch.setattr(reading_codes, "_AT_ONCE", 10)
    with company_scope(cast.acme):
        books.refresh_from_db()
        before = calls(sandbox)
        read_codes(books, whole=False, sparing=True)
        assert calls(sandbox) == before + 1, "one question, and its answer says that it is no use"
        read_codes(books, whole=False)
        assert calls(sandbox) > before + 2


@pytest.mark.parametrize(
    ("at", "whole"),
    [(datetime(2026, 3, 1, 19, 23, tzinfo=UTC), True), (datetime(2026, 3, 1, 20, 23, tzinfo=UTC), False)],
)  # fmt: skip
def test_every_hour_what_has_changed_is_read_and_once_a_week_all(
    cast: Cast, books: SqlAccount, at: datetime, whole: bool
) -> None:
    ProcrastinateJob.objects.filter(task_name="posting.codes").delete()
    read_changed_codes(int(at.timestamp()))
    read_changed_codes(int(at.timestamp()))
    (job,) = ProcrastinateJob.objects.filter(task_name="posting.codes")
    assert job.args == {"company_id": cast.acme.pk, "whole": whole, "sparing": True}
