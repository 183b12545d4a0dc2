"""The mapping as a spreadsheet: a dry run shows what would change, and exactly that is done."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from crossdock.companies.scope import company_scope
from crossdock.posting.mapping_sheet import (
    HEADINGS,
    BadSheet,
    Change,
    Part,
    apply,
    as_sheet,
    dry_run,
    set_parts,
)
from crossdock.posting.models import BooksCode, SkuCode
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
    assert apply(told, acme) == 3
    parts = SkuCode.objects.get(sku="SET").parts.order_by("item_code")
    assert [(one.item_code, one.quantity, one.share) for one in parts] == [
        ("MUG", 2, Decimal("0.6")), ("TEA", 1, Decimal("0.4")),
    ]  # fmt: skip


def test_codes_that_the_spreadsheet_took_for_numbers_come_back(acme: int) -> None:
    (entry,) = dry_run(sheet((100200300400.0, "00123", "")))
    assert (entry.sku, entry.change) == ("100200300400", Change.NEW)


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
    answer = client.post("/c/acme/posting/skus/apply/", {"shown": shown.context["shown"]})
    assert answer.status_code == 302
    assert [code.sku for code in SkuCode.objects.all()] == ["FRESH"]
    with company_scope(cast.bolt):
        stolen = client.post("/c/bolt/posting/skus/apply/", {"shown": shown.context["shown"]})
        assert stolen.status_code == 404
        assert not SkuCode.objects.exists()
