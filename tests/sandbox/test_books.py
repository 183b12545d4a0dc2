"""What people and databases do to SQL Account besides the API: documents changed by hand, other books."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from crossdock.channels.errors import NotFound
from crossdock.posting.sqlaccount.client import Client
from crossdock.posting.sqlaccount.documents import Kind
from crossdock.posting.sqlaccount.signing import Keys
from tests.sandbox.running import RunningSandbox, start_sandbox

INVOICE = Kind.INVOICE.value


@pytest.fixture
def books(played: RunningSandbox) -> Iterator[Client]:
    """The first company's books, opened with its keys."""
    yield client_of(played)
    played.post("/books", company=None)


def client_of(sandbox: RunningSandbox) -> Client:
    keys = sandbox.identities["sqlaccount"]
    names = ("base_url", "access_key", "secret_key", "region", "service")
    return Client(Keys(*(keys[name] for name in names)), frozenset({"127.0.0.1"}))


def invoice(books: Client, number: str) -> dict[str, Any]:
    rows = [{"itemcode": "MUG-BLUE", "qty": "2.00", "unitprice": "10.00"}]
    head = {"docno": number, "docdate": "2026-03-02", "code": "300-L0001", "docref1": "R-1"}
    return books.create(Kind.INVOICE, {**head, "docamt": "20.00", "sdsdocdetail": rows})


def test_a_document_edited_by_hand_has_a_higher_counter_and_another_total(
    books: Client, played: RunningSandbox
) -> None:
    made = invoice(books, "EDIT-1")
    row = {"dtlkey": made["sdsdocdetail"][0]["dtlkey"], "qty": "3.00"}
    fields = {"code": "300-S0002", "docref1": "", "sdsdocdetail": [row]}
    seen = played.get("/ledger")["calls"][-1]["seq"]
    played.post("/books", edit={"kind": INVOICE, "document": "EDIT-1", "fields": fields})
    held = books.document(Kind.INVOICE, made["dockey"])
    assert (held["code"], held["docref1"], held["docamt"]) == ("300-S0002", "", "30.00")
    assert held["updatecount"] == 1
    assert played.get(f"/ledger?after_seq={seen}")["calls"] == [], "a person makes no call"


def test_a_document_is_renumbered_copied_and_deleted_by_hand(
    books: Client, played: RunningSandbox
) -> None:
    made = invoice(books, "HAND-1")
    played.post("/books", renumber={"kind": INVOICE, "document": "HAND-1", "to": "HAND-2"})
    assert books.numbered(Kind.INVOICE, "HAND-1") == []
    (held,) = books.numbered(Kind.INVOICE, "HAND-2")
    assert held["dockey"] == made["dockey"]
    played.post("/books", copy={"kind": INVOICE, "document": "HAND-2", "to": "HAND-3"})
    (twin,) = books.numbered(Kind.INVOICE, "HAND-3")
    assert twin["dockey"] != made["dockey"]
    assert (twin["docref1"], twin["docamt"], twin["updatecount"]) == ("R-1", "20.00", None)
    whole = books.document(Kind.INVOICE, twin["dockey"])
    assert whole["sdsdocdetail"][0]["dtlkey"] != made["sdsdocdetail"][0]["dtlkey"]
    played.post("/books", delete={"kind": INVOICE, "document": "HAND-2"})
    with pytest.raises(NotFound):
        books.document(Kind.INVOICE, made["dockey"])


def test_other_books_answer_to_the_same_keys_empty_but_for_master_data(
    books: Client, played: RunningSandbox
) -> None:
    made = invoice(books, "OTHER-1")
    before = books.profile()
    played.post("/books", company={"name": "Harian 2027 Sdn. Bhd.", "register": "202701000001"})
    told = books.profile()
    assert (told["companyname"], told["registerno"]) == ("Harian 2027 Sdn. Bhd.", "202701000001")
    assert books.numbered(Kind.INVOICE, "OTHER-1") == []
    assert books.customer("300-L0001")["code"] == "300-L0001"
    assert invoice(books, "OTHER-2")["dockey"] == 1, "keys begin anew"
    played.post("/books", company=None)
    assert books.profile() == before
    assert books.document(Kind.INVOICE, made["dockey"])["docno"] == "OTHER-1"
    assert books.numbered(Kind.INVOICE, "OTHER-2") == []
    played.post("/books", company={"name": "Harian 2027 Sdn. Bhd.", "register": "202701000001"})
    assert books.numbered(Kind.INVOICE, "OTHER-2") == [], (
        "they are empty whenever they are put there"
    )


@pytest.mark.long
def test_other_books_and_what_is_in_them_survive_a_restart(tmp_path: Any) -> None:
    first = start_sandbox(data=tmp_path)
    first.unlimited()
    first.post("/books", company={"name": "Later Sdn. Bhd.", "register": "1"})
    invoice(client_of(first), "KEPT-1")
    first.close()
    second = start_sandbox(data=tmp_path)
    second.unlimited()
    assert client_of(second).profile()["companyname"] == "Later Sdn. Bhd."
    assert client_of(second).numbered(Kind.INVOICE, "KEPT-1")
    second.close()


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        ({}, 400, "give one of company, edit, renumber, delete, copy"),
        ({"burn": {}}, 400, "give one of company"),
        ({"company": {"name": "X"}}, 400, "register must be a text"),
        ({"delete": {"kind": "memo", "document": "1"}}, 400, "salesinvoice, salescreditnote"),
        ({"delete": {"kind": INVOICE, "document": "NONE"}}, 404, "no salesinvoice has the number"),
        ({"edit": {"kind": INVOICE, "document": "WRONG-1", "fields": {"code": "?"}}}, 409, "No record found"),
        ({"renumber": {"kind": INVOICE, "document": "WRONG-1", "to": "WRONG-2"}}, 409, "Duplicate"),
    ],
)  # fmt: skip
def test_what_cannot_happen_is_refused_in_words(
    books: Client, played: RunningSandbox, body: dict[str, Any], status: int, says: str
) -> None:
    for number in ("WRONG-1", "WRONG-2"):
        if not books.numbered(Kind.INVOICE, number):
            invoice(books, number)
    answer = played.control.post("/books", json=body)
    assert answer.status_code == status
    assert says in answer.json()["error"]
