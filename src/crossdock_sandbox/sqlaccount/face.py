"""The face: every object under its lower-case path, signed, 50 rows a page."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from crossdock_sandbox.faults import Refusal
from crossdock_sandbox.sqlaccount.documents import Record, Refused
from crossdock_sandbox.sqlaccount.office import EFFECTS, Books, Office
from crossdock_sandbox.sqlaccount.printing import REPORTS, printed
from crossdock_sandbox.sqlaccount.sigv4 import verified
from crossdock_sandbox.stand import Stand
from crossdock_sandbox.world.shops import BOOKS
from crossdock_sandbox.wrap import TOO_MANY

PAGE = 50


def build(stand: Stand, office: Office) -> ASGIApp:
    """The ASGI application on SQL Account's port."""

    async def face(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        answer = _answer(stand, office, request, await request.body())
        await answer(scope, receive, send)

    return face


def _answer(stand: Stand, office: Office, request: Request, body: bytes) -> Response:
    raw_path = request.scope.get("raw_path", request.url.path.encode()).decode().partition("?")[0]
    signer = verified(
        method=request.method,
        raw_path=raw_path,
        query=request.query_params.multi_items(),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body,
        secrets={keys.access_key: keys.secret_key for keys in BOOKS},
    )
    if signer is None:
        stand.rejected_signatures += 1
        return PlainTextResponse("Invalid signature", 401)
    if stand.limits.refuses("sqlaccount", "per_app", signer):
        stand.refused_rate_limit["sqlaccount"] += 1
        return Response(TOO_MANY, 429, media_type="text/html")
    books = office.opened_by(signer)
    name, _, key = unquote(raw_path).strip("/").partition("/")
    if ordered := stand.faults.refusal("sqlaccount", request.url.path):
        return _refused(books, name, key, request, body, ordered)
    try:
        if name in ("version", "healthcheck", "profile"):
            return _about(name, books)
        if name in books.documents:
            return _document(books, name, key, request, body)
        if name in books.masters.names():
            return _master(books, name, key, request, body)
    except Refused as refusal:
        return JSONResponse({"error": {"code": 400, "message": str(refusal)}}, 400)
    return JSONResponse({"error": {"code": 404, "message": f"{name} not found"}}, 404)


def _refused(
    books: Books, name: str, key: str, request: Request, body: bytes, ordered: Refusal
) -> Response:
    if name in EFFECTS and request.method != "GET":
        about = books.documents[name].rows.get(int(key), {}) if key.isdigit() else {}
        sent = json.loads(body) if body.lstrip().startswith(b"{") else {}
        effect = _effect(EFFECTS[name], request.method, sent)
        _witness(books, request, {**about, **sent}, effect, error=ordered.message)
    number = int(ordered.code) if ordered.code.isdigit() else 0
    status = ordered.status or (number if number in range(400, 600) else 400)
    error = {"code": number or ordered.code, "message": ordered.message}
    return JSONResponse({"error": error}, status)


def _about(name: str, books: Books) -> Response:
    if name == "version":
        return JSONResponse({"version": "5.2026.1063.900", "api": "2.1"})
    if name == "healthcheck":
        return JSONResponse({"status": "OK"})
    profile = {
        "companyname": books.company, "registerno": books.register, "address1": "12, Jalan SS 2/24",
        "postcode": "47300", "city": "Petaling Jaya", "state": "Selangor", "country": "MY", "remark": "",
    }  # fmt: skip
    return JSONResponse({"data": [profile]})


def _document(books: Books, name: str, key: str, request: Request, body: bytes) -> Response:
    documents = books.documents[name]
    if request.method == "GET":
        if key.isdigit():
            found = documents.rows.get(int(key))
            if found and request.headers.get("content-type", "").startswith("application/pdf"):
                return _pdf(found, request.headers["content-type"], books.company)
            return JSONResponse({"data": [found]}) if found else _missing(name)
        if key == "*":
            rows = _filtered(books, documents.rows.values(), request.query_params, header=False)
            return JSONResponse({"data": rows[:1]}) if rows else _missing(name)
        heads = [
            {k: v for k, v in row.items() if k != "sdsdocdetail"} for row in documents.rows.values()
        ]
        return _page(_filtered(books, heads, request.query_params, header=True), request)
    effect, sent = EFFECTS[name], {} if request.method == "DELETE" else _sent(body)
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


def _pdf(found: Record, content_type: str, company: str) -> Response:
    """The document by a report of the company; the request's own Content-Type names the report."""
    _, _, report = content_type.partition("template=")
    if report.strip() not in REPORTS:
        raise Refused(f"Report not found: {report.strip()}")
    return Response(printed(found, company), media_type="application/pdf")


def _write(books: Books, name: str, method: str, kept: Record | None, sent: Record) -> Record:
    documents = books.documents[name]
    if method == "POST":
        done = documents.create(sent, take_duplicates=books.stand.takes_duplicates("sqlaccount"))
    elif method == "PUT" and kept:
        done = documents.update(kept["dockey"], sent)
    elif method == "DELETE" and kept:
        return books.forget(name, documents.delete(kept["dockey"]))
    else:
        raise Refused(f"{method} is not possible here")
    return books.keep(name, done)


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
    books.masters.stock_up_to(books.stand.more_stock)
    rows = books.masters.of(name)
    if request.method == "GET" and key in ("", "*"):
        return _page(
            _filtered(books, rows.values(), request.query_params, header=key != "*"), request
        )
    by_key = {str(row.get("dockey") or row["code"]): row for row in rows.values()}
    if request.method == "GET":
        found = by_key.get(key)
        return JSONResponse({"data": [found]}) if found else _missing(name)
    sent = _sent(body)
    if request.method == "POST":
        code = str(sent.get("code") or "")
        if not code or code in rows:
            raise Refused(f"Duplicate or missing code: {code}")
        return JSONResponse(books.masters.add(name, {**sent, "code": code}), 201)
    if key not in by_key:
        return _missing(name)
    if request.method == "DELETE":
        return JSONResponse(rows.pop(by_key[key]["code"]))
    books.masters.change(by_key[key], sent)
    return JSONResponse(by_key[key])


def _sent(body: bytes) -> Record:
    try:
        sent = json.loads(body)
    except ValueError:
        raise Refused("The body is not JSON") from None
    if not isinstance(sent, dict) or not sent:
        raise Refused("MainDataSet: Dataset not in edit or insert mode")
    return {str(name).lower(): value for name, value in sent.items()}


def _filtered(
    books: Books, rows: Iterable[Record], query: Mapping[str, str], *, header: bool
) -> list[Record]:
    wanted = {
        name.lower(): value for name, value in query.items() if name not in ("offset", "limit")
    }
    if not header:
        wanted = {
            name: wanted[name]
            for name in wanted
            if name in ("code", "docdate", "docno", "postdate")
        }
    since = 0
    if books.stand.lastmodified_means == "since" and wanted.get("lastmodified", "").isdigit():
        since = int(wanted.pop("lastmodified"))
    return [
        row
        for row in rows
        if int(row.get("lastmodified", 0)) >= since
        and all(str(row.get(name, "")) == value for name, value in wanted.items())
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
