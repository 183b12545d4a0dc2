"""Shopee's envelope: ``error`` is empty on success, the payload mostly stands in ``response``."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from starlette.responses import JSONResponse

from crossdock_sandbox.shopee.failures import Failure
from crossdock_sandbox.shopee.fields import Fields


@dataclass(frozen=True)
class Told:
    """A payload with something besides in its envelope."""

    payload: Any
    warning: Any = None
    error: str = ""
    message: str = ""


def good(answer: Any, *, bare: bool) -> JSONResponse:
    """A success. ``bare``: the fields stand beside the envelope's own. None: there is no payload."""
    told = answer if isinstance(answer, Told) else Told(answer)
    envelope = _envelope(told.error, told.message)
    if told.warning is not None:
        envelope["warning"] = told.warning
    if told.payload is None:
        return JSONResponse(envelope)
    if bare:
        return JSONResponse({**envelope, **told.payload})
    return JSONResponse({**envelope, "response": told.payload})


def bad(failure: Failure) -> JSONResponse:
    """An error."""
    return JSONResponse(_envelope(failure.error, failure.message), failure.status)


def _envelope(error: str, message: str) -> dict[str, Any]:
    return {"request_id": secrets.token_hex(16), "error": error, "message": message}


def one_by_one(asked: Sequence[Fields], deed: Callable[[Fields], dict[str, Any]]) -> Told:
    """``result_list`` of a batch: what failed has ``fail_error``; all failed is an error of its own."""
    rows, failed = [], []
    for one in asked:
        named = {
            name: one.values[name] for name in ("order_sn", "package_number") if name in one.values
        }
        try:
            rows.append(deed(one))
        except Failure as failure:
            rows.append({**named, "fail_error": failure.error, "fail_message": failure.message})
            failed.append({"order_sn": "", "package_number": "", **named})
    payload = {"result_list": rows}
    if len(failed) == len(rows):
        message = "Failed, please check result_list for more details."
        return Told(payload, error="common.batch_api_all_failed", message=message)
    return Told(payload, warning=failed or None)


def number(value: Decimal) -> int | float:
    """An amount as JSON number: whole ones without decimals."""
    return int(value) if value == value.to_integral_value() else float(value)
