"""The seller's moves in a return: what each needs, and the calls that make them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from crossdock.channels.answers import Evidence, Form, Reason, ReturnAnswer
from crossdock.channels.contract import Shop, Told
from crossdock.channels.errors import Refused, Unreadable
from crossdock.channels.reading import Reading, Row, child, rows, text, yes
from crossdock.channels.shopee.answering import told_of
from crossdock.channels.shopee.api import answer_of, get, post, upload
from crossdock.rules.facts import ReturnFacts, ReturnMove
from crossdock.rules.from_outside import whole

_SOLUTIONS = {
    "REFUND": ("offer_refund", "Pay money back; the buyer keeps the goods"),
    "RETURN_REFUND": ("offer_return_refund", "The buyer sends the goods back and is paid"),
}
_IMAGES_A_MODULE = 3
"""Shopee v2: at most three pictures for each piece of evidence."""


def return_form(shop: Shop, known: ReturnFacts, move: ReturnMove) -> Form:
    """What a move needs, read from Shopee where it differs by return. Raises Refused."""
    if move in (ReturnMove.REFUND, ReturnMove.ACCEPT_OFFER):
        return Form()
    if move is ReturnMove.WITHDRAW_DISPUTE:
        return Form(wants_email=True)
    if move is ReturnMove.OFFER:
        return _offer_form(_solutions(shop, known.return_id))
    if move is ReturnMove.DISPUTE:
        return _dispute_form(_dispute_reasons(shop, known.return_id))
    raise _no_call(move)


def answer_return(shop: Shop, answer: ReturnAnswer) -> Told:
    """Make a move. Raises ``channels.errors``: Unclear when the answer never came."""

    def ask() -> Told:
        name, body = _said(shop, answer)
        body = {"return_sn": answer.known.return_id, **body}
        post(shop, f"returns/{name}", body, writes=True)
        return Told(answer.known.order_id, ok=True)

    return told_of(answer.known.order_id, ask)


def _said(shop: Shop, answer: ReturnAnswer) -> tuple[str, dict[str, Any]]:
    """The call that makes a move, and what it is told besides the return."""
    if answer.move is ReturnMove.REFUND:
        return "confirm", {}
    if answer.move is ReturnMove.ACCEPT_OFFER:
        return "accept_offer", {}
    if answer.move is ReturnMove.WITHDRAW_DISPUTE:
        return "cancel_dispute", {"email": answer.email}
    if answer.move is ReturnMove.OFFER:
        return "offer", _offer(_solutions(shop, answer.known.return_id), answer)
    if answer.move is ReturnMove.DISPUTE:
        return "dispute", _dispute(shop, answer)
    raise _no_call(answer.move)


def _solutions(shop: Shop, return_sn: str) -> dict[str, Row]:
    """The solutions that may be offered now, by Shopee's name for them."""
    told = answer_of(get(shop, "returns/get_available_solutions", {"return_sn": return_sn}))
    found = {name: child(told, key) for name, (key, _) in _SOLUTIONS.items()}
    return {name: row for name, row in found.items() if yes(row.get("eligibility"))}


def _offer_form(solutions: dict[str, Row]) -> Form:
    """Whichever is offered, one amount is asked: the bounds are the widest of all."""
    if not solutions:
        raise Refused("Shopee lets nothing be offered for this return now.")
    bounds = [_bounds(row) for row in solutions.values() if _is_adjustable(row)]
    return Form(
        reasons=tuple(Reason(name, _SOLUTIONS[name][1]) for name in solutions),
        least_amount=min((least for least, _ in bounds), default=None),
        most_amount=max((most for _, most in bounds), default=None),
    )


def _offer(solutions: dict[str, Row], answer: ReturnAnswer) -> dict[str, Any]:
    row = solutions.get(answer.reason)
    if row is None:
        raise Refused("Shopee does not let this solution be offered for this return now.")
    body: dict[str, Any] = {"proposed_solution": answer.reason}
    if answer.amount is None or not _is_adjustable(row):
        return body
    least, most = _bounds(row)
    if not least <= answer.amount <= most:
        raise Refused(f"For this solution Shopee takes an amount from {least} to {most}.")
    return {**body, "proposed_adjusted_refund_amount": answer.amount}


def _is_adjustable(row: Row) -> bool:
    return yes(row.get("refund_amount_adjustable"))


def _bounds(row: Row) -> tuple[Decimal, Decimal]:
    reading = Reading()
    return reading.money(row, "min_refund_amount"), reading.money(row, "max_refund_amount")


def _dispute_reasons(shop: Shop, return_sn: str) -> tuple[Row, ...]:
    told = answer_of(get(shop, "returns/get_return_dispute_reason", {"return_sn": return_sn}))
    found = tuple(row for row in rows(told, "dispute_reason_list") if text(row, "dispute_reason"))
    if not found:
        raise Refused("Shopee lets this return not be disputed now.")
    return found


def _dispute_form(reasons: Sequence[Row]) -> Form:
    """One form for every reason: those that need the fewest pictures come first, and the others say
    themselves what they need beyond the form's least."""
    ordered = sorted(reasons, key=lambda row: len(_required(row)))
    return Form(
        reasons=tuple(Reason(text(row, "dispute_reason"), _in_words(row)) for row in ordered),
        wants_comment=True,
        wants_email=True,
        least_images=len(_required(ordered[0])),
        most_images=max(len(_modules(row)) for row in reasons) * _IMAGES_A_MODULE,
    )


def _in_words(reason: Row) -> str:
    words = text(reason, "dispute_requirement") or "Dispute"
    wanted = "; ".join(text(module, "requirement") for module in _required(reason))
    return f"{words} (pictures needed: {wanted})" if wanted else words


def _dispute(shop: Shop, answer: ReturnAnswer) -> dict[str, Any]:
    chosen = [
        row
        for row in _dispute_reasons(shop, answer.known.return_id)
        if text(row, "dispute_reason") == answer.reason
    ]
    if not chosen:
        raise Refused("Shopee does not take this reason for this return.")
    missing = len(_required(chosen[0])) - len(answer.images)
    if missing > 0:
        wanted = "; ".join(text(module, "requirement") for module in _required(chosen[0]))
        raise Refused(f"For this reason Shopee needs {missing} more picture(s): {wanted}")
    body: dict[str, Any] = {"email": answer.email, "dispute_reason_id": _number(answer.reason)}
    if answer.comment:
        body["dispute_text_reason"] = answer.comment
    modules = _modules(chosen[0])
    if answer.images and modules:
        body["image_list"] = _evidence(shop, answer.known.return_id, modules, answer.images)
    return body


def _modules(reason: Row) -> list[Row]:
    """The pieces of evidence that a reason may have, those that it must have first."""
    listed = rows(reason, "evidence_module_list")
    return sorted(listed, key=lambda module: not yes(module.get("is_required")))


def _required(reason: Row) -> list[Row]:
    return [module for module in _modules(reason) if yes(module.get("is_required"))]


def _evidence(
    shop: Shop, return_sn: str, modules: Sequence[Row], images: Sequence[Evidence]
) -> list[dict[str, Any]]:
    """The pictures, uploaded and dealt out: one to each piece of evidence, then the rest in turn."""
    urls = [
        _uploaded(shop, return_sn, image) for image in images[: len(modules) * _IMAGES_A_MODULE]
    ]
    return [
        {
            "module_index": module.get("module_index"),
            "requirement": text(module, "requirement"),
            "image_url": dealt,
        }
        for place, module in enumerate(modules)
        if (dealt := _every(urls, place, len(modules)))
    ]


def _every(urls: Iterable[str], place: int, step: int) -> list[str]:
    return [url for number, url in enumerate(urls) if number % step == place]


def _uploaded(shop: Shop, return_sn: str, image: Evidence) -> str:
    told = upload(shop, "returns/convert_image", {"return_sn": return_sn}, image)
    url = text(answer_of(told), "url")
    if not url:
        raise Unreadable("Shopee took a picture without saying where it is.")
    return url


def _number(reason: str) -> int:
    """dispute wants the reason's id as a number, though the list tells it as text."""
    number = whole(reason)
    if number is None:
        raise Unreadable("Shopee's reasons for a dispute have ids that are no numbers.")
    return number


def _no_call(move: ReturnMove) -> Refused:
    return Refused(f"Shopee has no call for it: {move.heading}.")
