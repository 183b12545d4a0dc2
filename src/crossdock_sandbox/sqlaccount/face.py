"""The face: every object under its lower-case path, signed, 50 rows a page."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from crossdock_sandbox.sqlaccount.documents import Documents, Record, Refused
from crossdock_sandbox.sqlaccount.printing import REPORTS, printed
from crossdock_sandbox.sqlaccount.sigv4 import verified
from crossdock_sandbox.stand import Stand
from crossdock_sandbox.world.catalogue import KNOWN
from crossdock_sandbox.world.shops import ACCESS_KEY, BOOKS_COMPANY, SECRET_KEY, SHOPS
from crossdock_sandbox.wrap import TOO_MANY

PAGE = 50
_EFFECTS = {"salesinvoice": "invoice", "salescreditnote": "credit_note"}
_MASTERS = ("customer", "stockitem", "location", "project", "agent", "area", "terms", "currency", "tax",
            "stockgroup", "pmmethod", "account")  # fmt: skip


class Books:
    """One company's database."""

    def __init__(self, stand: Stand) -> None:
        self.stand = stand
        self.masters = _masters()
        self.documents = {path: Documents(self.masters) for path in _EFFECTS}
        for path, documents in self.documents.items():
            for _, kept in stand.shelf.all(path):
                documents.load(kept)


def build(stand: Stand) -> ASGIApp:
    """The ASGI application on SQL Account's port."""
    books = Books(stand)

    async def face(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        answer = _answer(books, request, await request.body())
        await answer(scope, receive, send)

    return face


def _answer(books: Books, request: Request, body: bytes) -> Response:
    stand = books.stand
    raw_path = request.scope.get("raw_path", request.url.path.encode()).decode().partition("?")[0]
    signer = verified(
        method=request.method,
        raw_path=raw_path,
        query=request.query_params.multi_items(),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body,
        secrets={ACCESS_KEY: SECRET_KEY},
    )
    if signer is None:
        stand.rejected_signatures += 1
        return PlainTextResponse("Invalid signature", 401)
    if stand.limits.refuses("sqlaccount", "per_app", signer):
        stand.refused_rate_limit["sqlaccount"] += 1
        return Response(TOO_MANY, 429, media_type="text/html")
    name, _, key = unquote(raw_path).strip("/").partition("/")
    try:
        if name in ("version", "healthcheck", "profile"):
            return _about(name)
        if name in books.documents:
            return _document(books, name, key, request, body)
        if name in _MASTERS:
            return _master(books, name, key, request, body)
    except Refused as refusal:
        return JSONResponse({"error": {"code": 400, "message": str(refusal)}}, 400)
    return JSONResponse({"error": {"code": 404, "message": f"{name} not found"}}, 404)


def _about(name: str) -> Response:
    if name == "version":
        return JSONResponse({"version": "5.2026.1063.900", "api": "2.1"})
    if name == "healthcheck":
        return JSONResponse({"status": "OK"})
    profile = {
        "companyname": BOOKS_COMPANY, "registerno": "202001012345", "address1": "12, Jalan SS 2/24",
        "postcode": "47300", "city": "Petaling Jaya", "state": "Selangor", "country": "MY", "remark": "",
    }  # fmt: skip
    return JSONResponse({"data": [profile]})


def _document(books: Books, name: str, key: str, request: Request, body: bytes) -> Response:
    documents = books.documents[name]
    if request.method == "GET":
        if key.isdigit():
            found = documents.rows.get(int(key))
            if found and request.headers.get("content-type", "").startswith("application/pdf"):
                return _pdf(found, request.headers["content-type"])
            return JSONResponse({"data": [found]}) if found else _missing(name)
        if key == "*":
            rows = _filtered(list(documents.rows.values()), request.query_params, header=False)
            return JSONResponse({"data": rows[:1]}) if rows else _missing(name)
        heads = [
            {k: v for k, v in row.items() if k != "sdsdocdetail"} for row in documents.rows.values()
        ]
        return _page(_filtered(heads, request.query_params, header=True), request)
    effect, sent = _EFFECTS[name], {} if request.method == "DELETE" else _sent(body)
    kept = documents.rows.get(int(key)) if key.isdigit() else None
    if request.method != "POST" and kept is None:
        return _missing(name)
    about = {**(kept or {}), **sent}
    effect = _effect(effect, request.method, sent)
    try:
        done = _write(books, name, request.method, kept, sent)
    except Refused as refusal:
        _witness(books, request, about, effect, error=str(refusal))
        raise
    _witness(books, request, done, effect)
    return JSONResponse(done, 200 if request.method != "POST" else 201)


def _pdf(found: Record, content_type: str) -> Response:
    """The document by a report of the company; the request's own Content-Type names the report."""
    _, _, report = content_type.partition("template=")
    if report.strip() not in REPORTS:
        raise Refused(f"Report not found: {report.strip()}")
    return Response(printed(found, BOOKS_COMPANY), media_type="application/pdf")


def _write(books: Books, name: str, method: str, kept: Record | None, sent: Record) -> Record:
    documents, shelf = books.documents[name], books.stand.shelf
    if method == "POST":
        done = documents.create(sent, take_duplicates=books.stand.takes_duplicates("sqlaccount"))
    elif method == "PUT" and kept:
        done = documents.update(kept["dockey"], sent)
    elif method == "DELETE" and kept:
        done = documents.delete(kept["dockey"])
        shelf.drop(name, f"{done['dockey']:012d}")
        return done
    else:
        raise Refused(f"{method} is not possible here")
    shelf.put(name, f"{done['dockey']:012d}", done)
    return done


def _effect(effect: str, method: str, sent: Record) -> str:
    if method == "POST":
        return effect if effect == "credit_note" else f"{effect}_create"
    cancels = method == "DELETE" or sent.get("cancelled") is True
    return f"{effect}_cancel" if cancels else f"{effect}_update"


def _witness(
    books: Books, request: Request, about: Mapping[str, Any], effect: str, *, error: str = ""
) -> None:
    books.stand.ledger.record(
        "sqlaccount", request.method, request.url.path, str(about.get("docref1") or ""), effect,
        accepted=not error, error=error, document=str(about.get("docno") or ""),
    )  # fmt: skip


def _master(books: Books, name: str, key: str, request: Request, body: bytes) -> Response:
    rows = books.masters[name]
    by_key = {str(row.get("dockey") or row["code"]): row for row in rows.values()}
    if request.method == "GET":
        if key and key != "*":
            found = by_key.get(key)
            return JSONResponse({"data": [found]}) if found else _missing(name)
        found_rows = _filtered(list(rows.values()), request.query_params, header=key != "*")
        return _page(found_rows, request)
    sent = _sent(body)
    if request.method == "POST":
        code = str(sent.get("code") or "")
        if not code or code in rows:
            raise Refused(f"Duplicate or missing code: {code}")
        rows[code] = {**sent, "code": code}
        return JSONResponse(rows[code], 201)
    if key not in by_key:
        return _missing(name)
    if request.method == "DELETE":
        return JSONResponse(rows.pop(by_key[key]["code"]))
    by_key[key].update(sent)
    return JSONResponse(by_key[key])


def _sent(body: bytes) -> Record:
    try:
        sent = json.loads(body)
    except ValueError:
        raise Refused("The body is not JSON") from None
    if not isinstance(sent, dict) or not sent:
        raise Refused("MainDataSet: Dataset not in edit or insert mode")
    return {str(name).lower(): value for name, value in sent.items()}


def _filtered(rows: Sequence[Record], query: Mapping[str, str], *, header: bool) -> list[Record]:
    wanted = {
        name.lower(): value for name, value in query.items() if name not in ("offset", "limit")
    }
    if not header:
        wanted = {
            name: wanted[name]
            for name in wanted
            if name in ("code", "docdate", "docno", "postdate")
        }
    return [
        row
        for row in rows
        if all(str(row.get(name, "")) == value for name, value in wanted.items())
    ]


def _page(rows: Sequence[Record], request: Request) -> Response:
    offset = request.query_params.get("offset", "0")
    start = int(offset) if offset.isdigit() else 0
    asked = request.query_params.get("limit", "")
    limit = min(int(asked), PAGE) if asked.isdigit() and int(asked) else PAGE
    page = list(rows[start : start + limit])
    return JSONResponse(
        {"pagination": {"offset": start, "limit": limit, "count": len(page)}, "data": page}
    )


def _missing(name: str) -> Response:
    return JSONResponse({"error": {"code": 404, "message": f"{name} not found"}}, 404)


def _masters() -> dict[str, dict[str, Record]]:
    items = [_item(number, product.sku, product.name) for number, product in enumerate(KNOWN, 1)]
    fees = (("DISCOUNT", "Seller discount"), ("VOUCHER", "Seller voucher"), ("SHIPPING", "Shipping fee"),
            ("TRANSACTION", "Transaction fee"))  # fmt: skip
    items += [
        {**_item(900 + number, code, text), "stockcontrol": False}
        for number, (code, text) in enumerate(fees, 1)
    ]
    letters = {"lazada": "L", "shopee": "S", "tiktok": "T"}
    customers = [
        {"code": f"300-{letters[shop.channel]}000{number % 2 + 1}", "companyname": shop.name,
         "currencycode": "----" if shop.currency == "MYR" else shop.currency, "sdsbranch": []}
        for number, shop in enumerate(SHOPS)
    ]  # fmt: skip
    return {
        "stockitem": {item["code"]: item for item in items},
        "customer": {str(row["code"]): row for row in customers},
        "location": _coded("ECOM", "KL", "PENANG"),
        "project": _coded("LAZADA", "SHOPEE", "TIKTOK"),
        "agent": _coded("ONLINE"),
        "area": _coded("ONLINE"),
        "terms": _coded("C.O.D.", "30 Days"),
        "currency": _coded("----", "MYR", "SGD", "USD"),
        "tax": _coded("ST5", "SV"),
        "stockgroup": _coded("DEFAULT"),
        "pmmethod": _coded("310-001", "310-002"),
        "account": _coded("500-000", "610-000"),
    }


def _item(number: int, code: str, text: str) -> Record:
    return {
        "dockey": number,
        "code": code,
        "description": text,
        "stockgroup": "DEFAULT",
        "stockcontrol": True,
        "isactive": True,
        "defuom_st": "UNIT",
        "sdsuom": [{"uom": "UNIT", "rate": "1.00", "isbase": True}],
    }


def _coded(*codes: str) -> dict[str, Record]:
    return {code: {"code": code, "description": code.title(), "isactive": True} for code in codes}
