"""The mapping as a spreadsheet: a dry run shows what would change, and exactly that is done."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from crossdock.companies.scope import company_scope
from crossdock.posting import importing
from crossdock.posting.importing import begin, carry_out, forget_old, keep
from crossdock.posting.jobs import import_sheet
from crossdock.posting.mapping_sheet import (
    HEADINGS,
    BadSheet,
    Change,
    Part,
    as_sheet,
    dry_run,
    set_many,
    set_parts,
)
from crossdock.posting.models import BooksCode, MappingSheet, SkuCode, SkuPart
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme(cast: Cast) -> Iterator[int]:
    with company_scope(cast.acme):
        for code in ("MUG", "TEA", "00123"):
            BooksCode.objects.create(
                company=cast.acme, kind="stockitem", code=code, uom="UNIT", uoms=["UNIT", "CTN"]
            )
        yield cast.acme.pk


def sheet(*rows: Sequence[Any], headings: Sequence[str] = HEADINGS) -> bytes:
    book = Workbook()
    page = book.worksheets[0]
    page.append(list(headings))
    for row in rows:
        page.append(list(row))
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def test_a_dry_run_tells_new_changed_same_and_wrong_and_changes_nothing(acme: int) -> None:
    set_parts("OLD", [Part("MUG", "UNIT", Decimal(1), Decimal(1))], acme)
    set_parts("STAYS", [Part("TEA", "UNIT", Decimal(1), Decimal(1))], acme)
    told = dry_run(
        sheet(
            ("FRESH", "MUG", "CTN"),
            ("OLD", "TEA", ""),
            ("STAYS", "TEA", "UNIT", 1, 100),
            ("BAD", "NOSUCH", ""),
            ("WORSE", "MUG", "BOX"),
            ("SET", "MUG", "", 2, 60),
            ("SET", "TEA", "", 1, 40),
            ("ODD", "MUG", "", 2, 60),
            ("EMPTY", "", ""),
        )
    )
    assert {one.sku: one.change for one in told} == {
        "FRESH": Change.NEW, "OLD": Change.CHANGED, "STAYS": Change.SAME, "BAD": Change.WRONG,
        "WORSE": Change.WRONG, "SET": Change.NEW, "ODD": Change.WRONG, "EMPTY": Change.SAME,
    }  # fmt: skip
    words = {one.sku: (one.row, one.words) for one in told if one.words}
    assert words["BAD"][0] == 5
    assert "NOSUCH" in words["BAD"][1]
    assert "UNIT, CTN" in words["WORSE"][1]
    assert "60%" in words["ODD"][1]
    assert SkuCode.objects.count() == 2
    set_many([one for one in told if one.change in (Change.NEW, Change.CHANGED)], acme)
    assert SkuCode.objects.count() == 4
    parts = SkuCode.objects.get(sku="SET").parts.order_by("item_code")
    assert [(one.item_code, one.quantity, one.share) for one in parts] == [
        ("MUG", 2, Decimal("0.6")), ("TEA", 1, Decimal("0.4")),
    ]  # fmt: skip


def test_codes_that_the_spreadsheet_took_for_numbers_come_back(acme: int) -> None:
    set_parts("100200300400", [Part("MUG", "UNIT", Decimal(1), Decimal(1))], acme)
    (entry,) = dry_run(sheet((100200300400.0, "00123", "")))
    assert (entry.sku, entry.change) == ("100200300400", Change.CHANGED)


@pytest.mark.parametrize(
    ("cell", "what"),
    [(date(2026, 3, 5), "date"), (datetime.fromisoformat("2026-03-05T01:02"), "date"), (True, "true or false"),
     ("#N/A", "error"), (123, "number"), (1e20, "number"), (3.5, "number")],
)  # fmt: skip
def test_what_the_spreadsheet_made_of_a_sku_is_named_where_no_order_has_it(
    acme: int, cell: Any, what: str
) -> None:
    (entry,) = dry_run(sheet((cell, "MUG", "")))
    assert entry.change is Change.WRONG
    assert what in entry.words
    assert "format the column as text" in entry.words


@pytest.mark.parametrize(
    "quantity",
    [
        "1,000",
        "12,345",
        "0.00001",
        "1.123456",
        "²",
        "٣",
        "-1",
        "1e3",
        "NaN",
        "9" * 5000,
        "0",
        "10001",
    ],
)
def test_a_quantity_that_could_not_be_kept_as_it_stands_is_wrong_before_anything_is_imported(
    acme: int, quantity: str
) -> None:
    (entry,) = dry_run(sheet(("SET", "MUG", "", quantity, 100)))
    assert entry.change is Change.WRONG
    assert "no quantity" in entry.words


@pytest.mark.parametrize(
    ("quantity", "meant"), [("1000", 1000), ("1,5", "1.5"), ("0,500", "0.5"), (0.0001, "0.0001")]
)
def test_a_quantity_that_says_one_thing_is_that(acme: int, quantity: Any, meant: Any) -> None:
    (entry,) = dry_run(sheet(("SET", "MUG", "", quantity, 100)))
    assert [one.quantity for one in entry.parts] == [Decimal(meant)]


def test_thirds_are_taken_as_far_as_they_are_kept_and_come_back_as_the_same(acme: int) -> None:
    BooksCode.objects.create(company_id=acme, kind="stockitem", code="JAR", uom="UNIT")
    rows = [
        ("SET", item, "", 1, share)
        for item, share in (("MUG", 33.3333), ("TEA", 33.3333), ("JAR", 33.3334))
    ]
    set_many(dry_run(sheet(*rows)), acme)
    assert {one.change for one in dry_run(as_sheet())} == {Change.SAME}
    (entry,) = dry_run(sheet(*[(*row[:4], 33.3333333333333) for row in rows]))
    assert "no share" in entry.words


def test_skus_with_characters_that_no_sheet_can_hold_are_exported(acme: int) -> None:
    set_parts("A\x01B\x1b", [Part("MUG", "UNIT", Decimal(1), Decimal(1))], acme)
    rows = load_workbook(io.BytesIO(as_sheet())).worksheets[0].iter_rows(values_only=True)
    assert "AB" in [row[0] for row in rows]


def import_whole(content: bytes, cast: Cast) -> MappingSheet:
    """Have a sheet imported as its worker does it."""
    kept = keep(cast.acme, cast.bo, content, dry_run(content))
    assert begin(kept)
    carry_out(kept)
    kept.refresh_from_db()
    return kept


def test_an_import_that_was_cut_off_goes_on_and_does_nothing_twice(
    acme: int, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "_AT_ONCE", 2)
    content = sheet(*[(f"S{number}", "MUG", "", 2, 100) for number in range(7)])
    kept = keep(cast.acme, cast.bo, content, dry_run(content))
    calls: list[int] = []

    def killed(entries: Any, company_id: int) -> None:
        calls.append(len(entries))
        if len(calls) == 3:
            raise KeyboardInterrupt
        set_many(entries, company_id)

    monkeypatch.setattr(importing, "set_many", killed)
    with pytest.raises(KeyboardInterrupt):
        carry_out(kept)
    kept.refresh_from_db()
    assert (kept.done, kept.finished_at, SkuCode.objects.count()) == (4, None, 4)
    carry_out(kept)
    kept.refresh_from_db()
    assert (kept.done, SkuCode.objects.count(), SkuPart.objects.count()) == (7, 7, 7)
    assert kept.finished_at
    assert bytes(kept.content) == b""


def test_a_sheet_is_begun_once_and_not_after_a_day(acme: int, cast: Cast) -> None:
    content = sheet(("S", "MUG", ""))
    kept = keep(cast.acme, cast.bo, content, dry_run(content))
    assert [begin(kept), begin(kept)] == [True, False]
    old = keep(cast.acme, cast.bo, content, dry_run(content))
    MappingSheet.objects.filter(pk=old.pk).update(shown_at=timezone.now() - timedelta(days=2))
    assert not begin(old)
    assert forget_old() == 1


@pytest.mark.parametrize("count", [4_000, pytest.param(40_000, marks=pytest.mark.long)])
def test_a_book_of_thousands_of_skus_is_imported_whole(acme: int, cast: Cast, count: int) -> None:
    content = sheet(*[(f"SKU-{number:06}", "MUG", "", 1, 100) for number in range(count)])
    kept = import_whole(content, cast)
    assert (kept.done, SkuCode.objects.count()) == (count, count)


def test_what_was_exported_imports_as_the_same(acme: int) -> None:
    set_parts("=1+1", [Part("MUG", "UNIT", Decimal(1), Decimal(1))], acme)
    set_parts(
        "SET",
        [Part("MUG", "CTN", Decimal("1.5"), Decimal("0.335")), Part("TEA", "UNIT", Decimal(2), Decimal("0.665"))],
        acme,
    )  # fmt: skip
    made = as_sheet()
    assert {one.change for one in dry_run(made)} == {Change.SAME}
    cells = [row[0] for row in load_workbook(io.BytesIO(made)).worksheets[0].iter_rows()]
    assert [cell.data_type for cell in cells if cell.value == "=1+1"] == ["s"]


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(st.tuples(st.text(max_size=30), st.sampled_from(["MUG", "TEA", "X", ""])), max_size=8)
)
def test_no_sheet_of_texts_breaks_a_dry_run(acme: int, rows: list[tuple[str, str]]) -> None:
    printable = [("".join(one for one in sku if one.isprintable()), item) for sku, item in rows]
    told = dry_run(sheet(*printable))
    assert len({one.sku for one in told}) == len(told)


def bomb() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * (110 * 1024 * 1024))
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"SKU,Stock item\n", "no XLSX file"),
        (sheet(("A", "B"), headings=("Item", "Code")), "first row must say"),
        (b"0" * (10 * 1024 * 1024 + 1), "larger than 10 MB"),
        (bomb(), "too large once it is unpacked"),
    ],
)
def test_other_files_are_refused_with_what_to_do(acme: int, content: bytes, words: str) -> None:
    with pytest.raises(BadSheet, match=words):
        dry_run(content)


def test_the_page_shows_first_and_imports_exactly_that(
    cast: Cast, acme: int, client: Client
) -> None:
    client.force_login(cast.bo)
    upload = SimpleUploadedFile("skus.xlsx", sheet(("FRESH", "MUG", ""), ("BAD", "NOSUCH", "")))
    shown = client.post("/c/acme/posting/skus/import/", {"sheet": upload})
    assert SkuCode.objects.count() == 0
    assert b"Import these 1" in shown.content
    assert len(shown.content) < 20_000
    kept = shown.context["kept"]
    path = f"/c/acme/posting/skus/import/{kept.pk}/"
    assert "not imported yet" in client.get(path).content.decode()
    assert client.post(path).headers["Location"] == path
    assert "0 of 1 SKUs" in client.get(path).content.decode()
    import_sheet(cast.acme.pk, kept.pk)
    assert "1 SKUs are mapped" in client.get(path).content.decode()
    assert [code.sku for code in SkuCode.objects.all()] == ["FRESH"]
    client.force_login(cast.charlie)
    assert client.post(f"/c/bolt/posting/skus/import/{kept.pk}/").status_code == 404
    with company_scope(cast.bolt):
        assert not SkuCode.objects.exists()
