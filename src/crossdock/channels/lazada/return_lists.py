"""Reading Lazada's returns: those that changed, those of an order, and one by its id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from crossdock.channels.answers import ReturnsPage
from crossdock.channels.contract import Shop
from crossdock.channels.errors import NotFound, Refused, Unreadable, ends_token
from crossdock.channels.lazada.api import call, dumps
from crossdock.channels.lazada.countries import COUNTRIES
from crossdock.channels.lazada.reading import Row, rows, text, yes
from crossdock.channels.lazada.return_facts import RETURNS, is_return, lines_of, return_facts
from crossdock.channels.lazada.return_words import moves
from crossdock.channels.lazada.windows import Answered, Window, read_on, total_of
from crossdock.rules.facts import ReturnFacts
from crossdock.rules.from_outside import whole

_PAGE = 20
_PATH = "/reverse/getreverseordersforseller"


def changed(shop: Shop, *, since: datetime, until: datetime, cursor: str | None) -> ReturnsPage:
    """Some of the returns that were updated in the window; see ``windows``."""

    def ask(window: Window) -> Answered[Sequence[Row]]:
        return _listed(
            shop,
            window.page,
            {
                "request_type_list": dumps(RETURNS),
                "ReverseOrderLineModifiedTimeRangeStart": str(window.start * 1000),
                "ReverseOrderLineModifiedTimeRangeEnd": str(window.stop * 1000 + 999),
            },
        )

    found, further = read_on(cursor, since, until, ask, most=_PAGE, page=_PAGE)
    return ReturnsPage(_facts(shop, found), further)


def of_order(shop: Shop, order_id: str, return_ids: Sequence[str]) -> tuple[ReturnFacts, ...]:
    """The returns of one order; those that are known are asked for by themselves where the order's
    own list leaves them out."""
    told = {text(row, "reverse_order_id"): row for row in _all(shop, {"trade_order_id": order_id})}
    for return_id in return_ids:
        if return_id not in told and (row := of_reverse(shop, return_id)):
            told[return_id] = row
    return _facts(shop, [row for row in told.values() if text(row, "trade_order_id") == order_id])


def of_reverse(shop: Shop, reverse_id: str) -> Row | None:
    """One reverse order, a cancellation too; None where Lazada does not know it."""
    if whole(reverse_id) is None:
        return None
    try:
        answered = _listed(shop, 1, {"reverse_order_id": reverse_id})
    except NotFound:
        return None
    return next(
        (row for row in answered.found if text(row, "reverse_order_id") == reverse_id), None
    )


def _all(shop: Shop, filters: Mapping[str, str]) -> list[Row]:
    found: list[Row] = []
    for page in range(1, 101):
        answered = _listed(shop, page, filters)
        found += answered.found
        if not answered.here or page * _PAGE >= answered.total:
            break
    return found


def _listed(shop: Shop, page: int, filters: Mapping[str, str]) -> Answered[Sequence[Row]]:
    """One page. Nothing comes past page 100. Raises Refused where the answer itself says no."""
    paging = {"page_no": str(page), "page_size": str(_PAGE)}
    result = call(shop, _PATH, {**filters, **paging}).get("result")
    if not isinstance(result, Mapping):
        raise Unreadable("Lazada listed returns in a form that nobody promised.")
    if result.get("success") is not None and not yes(result.get("success")):
        code = text(result, "error_code") or text(result, "errorCode")
        words = text(result, "error_msg") or text(result, "errorMsg") or "refused without a word"
        raise Refused(f"{words} ({code})", code=code)
    found = rows(result, "items")
    return Answered(found, len(found), total_of(result, "total", page, _PAGE, len(found)))


def _facts(shop: Shop, told: Sequence[Row]) -> tuple[ReturnFacts, ...]:
    country = COUNTRIES[shop.region]
    return tuple(
        return_facts(row, country, _pictures(shop, row))[0] for row in told if is_return(row)
    )


def _pictures(shop: Shop, told: Row) -> tuple[str, ...]:
    """The buyer's pictures, while an answer is the seller's to give: for deciding about it.

    They come by a call for every line, so that only the first line is asked for.
    """
    lines = lines_of(told)
    kind = text(told, "request_type").upper()
    if not lines or not moves(kind, to_merchant=True, line=lines[0]):
        return ()
    try:
        answer = call(
            shop,
            "/order/reverse/return/history/list",
            {"reverse_order_line_id": text(lines[0], "reverse_order_line_id")},
        )
    except Refused as refusal:
        if ends_token(refusal):
            raise
        return ()
    data = answer.get("data")
    entries = rows(data, "list") if isinstance(data, Mapping) else []
    found = [url for entry in entries for url in entry.get("picture") or () if isinstance(url, str)]
    return tuple(url for url in dict.fromkeys(found) if url.startswith("http"))[:20]
