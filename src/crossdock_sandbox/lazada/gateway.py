"""Lazada's gateway: signature, common parameters, tokens, limits, envelope."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse

from crossdock_sandbox.lazada.book import Book
from crossdock_sandbox.world.shops import APPS, Shop, shop_named

_CLOCK_SECONDS = 7200


class Failure(Exception):
    """An error answer: HTTP 200 with a code."""

    def __init__(self, code: str, message: str, kind: str = "ISV") -> None:
        super().__init__(message)
        self.code, self.message, self.kind = code, message, kind


@dataclass(frozen=True)
class Call:
    """A call that came through the gateway."""

    book: Book
    shop: Shop | None
    method: str
    path: str
    values: Mapping[str, str]
    files: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def of_shop(self) -> str:
        """The short name of the shop whose token was sent."""
        if self.shop is None:
            raise Failure("MissingParameter", "The input parameter access_token is missing")
        return self.shop.shop

    def text(self, name: str) -> str:
        """A mandatory parameter."""
        value = self.values.get(name, "")
        if not value:
            raise Failure(
                "MissingParameter",
                f'The input parameter "{name}" that is mandatory is not supplied',
            )
        return value

    def structure(self, name: str) -> Any:
        """A mandatory parameter that holds JSON text."""
        try:
            return json.loads(self.text(name))
        except ValueError:
            raise Failure("5", "E005: Invalid Request Format") from None

    def number(
        self,
        name: str,
        default: int | None,
        least: int,
        most: int | None,
        refusal: tuple[str, str],
    ) -> int:
        """A number within bounds; without a default it is mandatory."""
        text = self.text(name) if default is None else self.values.get(name, "") or str(default)
        if not text.isdigit() or int(text) < least or (most is not None and int(text) > most):
            raise Failure(*refusal)
        return int(text)

    def moment(self, name: str) -> datetime | None:
        """A time in ISO 8601 with an offset; None where it was not sent."""
        text = self.values.get(name)
        if not text:
            return None
        try:
            moment = datetime.fromisoformat(text.replace(" ", "+"))
        except ValueError:
            raise Failure("17", "E017: Invalid Date Format") from None
        if moment.tzinfo is None:
            raise Failure("17", "E017: Invalid Date Format")
        return moment.astimezone(UTC)

    def witness(self, order_id: str, effect: str, *, accepted: bool, error: str = "") -> None:
        """Note in the ledger what this call did to an order."""
        self.book.stand.ledger.record(
            "lazada", self.method, self.path, order_id, effect, accepted=accepted, error=error
        )


async def parameters(request: Request) -> tuple[dict[str, str], dict[str, bytes]]:
    """Query and form together, as the gateway merges them; and files, which are not signed."""
    values = {name: str(value) for name, value in request.query_params.items()}
    files = {}
    if request.method == "POST":
        form = await request.form()
        values |= {name: value for name, value in form.items() if isinstance(value, str)}
        files = {
            name: await value.read()
            for name, value in form.items()
            if isinstance(value, UploadFile)
        }
    return values, files


def sign(path: str, values: Mapping[str, str], secret: str, *, skip_empty: bool = True) -> str:
    """The signature that the gateway expects. Sources disagree on empty parameters."""
    text = path + "".join(
        f"{name}{values[name]}"
        for name in sorted(values)
        if name != "sign" and (values[name] != "" or not skip_empty)
    )
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest().upper()


def _is_signed(path: str, values: Mapping[str, str], secret: str) -> bool:
    """Whether either reading of the rule about empty parameters gives the signature."""
    return any(
        hmac.compare_digest(sign(path, values, secret, skip_empty=skip), values["sign"])
        for skip in (True, False)
    )


def admit(
    book: Book,
    method: str,
    path: str,
    values: Mapping[str, str],
    files: Mapping[str, bytes],
    *,
    wants_token: bool,
) -> Call:
    """Let a call in. Raises Failure with the gateway's own code."""
    app = APPS["lazada"]
    for name in ("app_key", "timestamp", "sign_method", "sign"):
        if not values.get(name):
            raise Failure(
                "MissingParameter", f'The input parameter "{name}" that is mandatory for processing this request '
                "is not supplied"
            )  # fmt: skip
    if values["app_key"] != app.key:
        raise Failure("InvalidAppKey", "The specified App Key is invalid")
    _check_clock(values["timestamp"])
    if not _is_signed(path, values, app.secret):
        book.stand.rejected_signatures += 1
        raise Failure(
            "IncompleteSignature", "The request signature does not conform to platform standards"
        )
    if book.stand.limits.refuses("lazada", "per_app", "app"):
        book.stand.refused_rate_limit["lazada"] += 1
        raise Failure(
            "ApiCallLimit", "Api access frequency exceeds the limit. this ban will last 1 seconds"
        )
    shop = _shop_of_token(book, values.get("access_token", "")) if wants_token else None
    return Call(book, shop, method, path, values, files)


def _shop_of_token(book: Book, token: str) -> Shop:
    if not token:
        raise Failure(
            "MissingParameter",
            'The input parameter "access_token" that is mandatory is not supplied',
        )
    grant = book.grants.living(token)
    if grant is None:
        raise Failure("IllegalAccessToken", "The specified access token is invalid or expired")
    if book.stand.limits.refuses("lazada", "per_shop", grant.shop):
        book.stand.refused_rate_limit["lazada"] += 1
        raise Failure("SellerCallLimit", "Seller call frequency exceeds the limit", "SYSTEM")
    return shop_named("lazada", grant.shop)


def _check_clock(timestamp: str) -> None:
    if not timestamp.isdigit() or abs(int(timestamp) / 1000 - time.time()) > _CLOCK_SECONDS:
        raise Failure(
            "IllegalTimestamp", "The timestamp is malformed or more than 7200 seconds off"
        )


def good(answer: Mapping[str, Any]) -> JSONResponse:
    """A success envelope around these fields."""
    return JSONResponse({"code": "0", **answer, "request_id": _request_id()})


def bad(failure: Failure, status: int | None = None) -> JSONResponse:
    """An error envelope: still HTTP 200, unless another status is asked for."""
    return JSONResponse(
        {
            "type": failure.kind,
            "code": failure.code,
            "message": failure.message,
            "request_id": _request_id(),
        },
        status or 200,
    )


def _request_id() -> str:
    return f"2141{secrets.token_hex(12)}"
