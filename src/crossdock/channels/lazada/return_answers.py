"""Answering Lazada's returns: what each move needs, and the calls that make it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from crossdock.channels.answers import Evidence, Form, ReturnAnswer
from crossdock.channels.contract import Shop, Told
from crossdock.channels.errors import Refused, Unreadable, ends_token
from crossdock.channels.lazada.api import call, dumps, upload
from crossdock.channels.lazada.cancellations import reasons
from crossdock.channels.lazada.reading import Row, child, text
from crossdock.channels.lazada.return_facts import lines_of, returns_to_merchant
from crossdock.channels.lazada.return_lists import of_reverse
from crossdock.channels.lazada.return_words import ONLY_REFUND, moves, shows
from crossdock.rules.facts import ReturnFacts, ReturnMove
from crossdock.rules.from_outside import whole

_MOST_IMAGES = 5
_NOT_NOW = "114"
"""This reverse does not support this action."""


def form(shop: Shop, known: ReturnFacts, move: ReturnMove) -> Form:
    """What a move needs: refusals a reason and words, and pictures once the goods were seen."""
    if move is ReturnMove.DISPUTE:
        return Form(wants_comment=True, least_images=1, most_images=_MOST_IMAGES)
    if move not in (ReturnMove.REJECT, ReturnMove.REFUSE_GOODS):
        return Form()
    if not known.parts:
        raise Refused("Lazada told no part of this return, so that none can be refused.")
    with_pictures = move is ReturnMove.REFUSE_GOODS
    return Form(
        reasons=reasons(shop, known.parts[0]),
        wants_comment=True,
        least_images=int(with_pictures),
        most_images=_MOST_IMAGES if with_pictures else 0,
    )


def answer(shop: Shop, given: ReturnAnswer) -> Told:
    """Make a move for every part of a return that still allows it.

    The return is read first: a part that was answered before is not answered again.
    """
    known, move = given.known, given.move
    told = of_reverse(shop, known.return_id)
    if told is None:
        return Told(known.order_id, ok=False, words="Lazada does not know this return any more.")
    kind, to_merchant = text(told, "request_type").upper(), returns_to_merchant(told)
    lines = [line for line in lines_of(told) if _part(line) in known.parts or not known.parts]
    todo = [line for line in lines if move in moves(kind, to_merchant=to_merchant, line=line)]
    if not todo:
        return _nothing_to_do(known, move, lines)
    calls = _Calls(shop, known, given, evidence(shop, given.images))
    deed = _ONLY_REFUND[move] if kind == ONLY_REFUND else _DEEDS[move]
    deed(calls, [_part(line) for line in todo])
    return calls.told


def evidence(shop: Shop, images: Sequence[Evidence]) -> tuple[tuple[str, str], ...]:
    """Upload pictures; their names and addresses.

    Answers want addresses. The one call that gives any is the upload of product pictures: whether a
    return takes those is not documented, and Lazada says so itself if it does not.
    """
    made = []
    for image in images:
        answer = upload(
            shop,
            "/image/upload",
            "image",
            file_name=image.name,
            media_type=image.media_type,
            body=image.body,
        )
        url = text(child(child(answer, "data"), "image"), "url")
        if not url:
            raise Unreadable("Lazada took a picture and told no address of it.")
        made.append((image.name, url))
    return tuple(made)


def _part(line: Row) -> str:
    return text(line, "reverse_order_line_id")


def _nothing_to_do(known: ReturnFacts, move: ReturnMove, lines: Sequence[Row]) -> Told:
    status = ",".join(dict.fromkeys(text(line, "reverse_status") for line in lines))
    already = bool(lines) and all(shows(line, move) for line in lines)
    words = f"Not possible any more: the return is {status or 'gone'}."
    return Told(known.order_id, ok=False, already=already, words=words)


@dataclass
class _Calls:
    """The calls of one answer, and what came of each part."""

    shop: Shop
    known: ReturnFacts
    given: ReturnAnswer
    images: tuple[tuple[str, str], ...]
    done: list[str] = field(default_factory=list)
    refused: dict[str, Refused] = field(default_factory=dict)

    @property
    def told(self) -> Told:
        """All of it together."""
        first = next(iter(self.refused.values()), None)
        return Told(
            self.known.order_id,
            ok=first is None,
            words=first.words if first else "",
            code=first.code if first else "",
            done=tuple(self.done),
            left=tuple(self.refused),
        )

    def together(self, action: str, parts: Sequence[str]) -> None:
        """One call for many parts."""
        self._note(parts, self._update(action, parts))

    def each(self, parts: Sequence[str], attempt: Callable[[str], Refused | None]) -> None:
        """A call, or some, for every part."""
        for part in parts:
            self._note([part], attempt(part))

    def update(self, action: str, part: str, *, refuses: bool = False) -> Refused | None:
        """/order/reverse/return/update for one part; why not, if not."""
        values = {
            "reason_id": self.given.reason,
            "comment": self.given.comment,
            "image_info": dumps([{"name": name, "url": url} for name, url in self.images])
            if self.images
            else "",
        }
        return self._update(action, [part], values if refuses else {})

    def decide(self, action: str, part: str) -> Refused | None:
        """/order/reverse/onlyrefund/seller/decide, which takes one part a call."""
        values = {"comment": self.given.comment}
        if self.images:
            files = [{"file_name": name, "file_url": url} for name, url in self.images]
            values["image_info_list"] = dumps(files)
        path = "/order/reverse/onlyrefund/seller/decide"
        return self._ask(path, action, [part], values if action == "startDispute" else {})

    def _update(
        self, action: str, parts: Sequence[str], values: dict[str, str] | None = None
    ) -> Refused | None:
        return self._ask("/order/reverse/return/update", action, parts, values or {})

    def _ask(
        self, path: str, action: str, parts: Sequence[str], values: dict[str, str]
    ) -> Refused | None:
        about = {
            "action": action,
            "reverse_order_id": self.known.return_id,
            "reverse_order_item_ids": dumps(
                [number for part in parts if (number := whole(part)) is not None]
            ),
        }
        try:
            call(self.shop, path, {**about, **values})
        except Refused as refusal:
            if ends_token(refusal):
                raise
            return refusal
        return None

    def _note(self, parts: Sequence[str], refusal: Refused | None) -> None:
        if refusal is None:
            self.done += parts
        else:
            self.refused |= dict.fromkeys(parts, refusal)


def _received(calls: _Calls, parts: Sequence[str]) -> None:
    """The goods are there, and are as they were: pay."""

    def pay(part: str) -> Refused | None:
        confirmed = calls.update("confirmDelivery", part)
        if confirmed is not None and confirmed.code != _NOT_NOW:
            return confirmed
        paid = calls.update("agreeRefund", part)
        # Where the confirmation pays by itself, there is nothing to agree to any more.
        return None if paid and paid.code == _NOT_NOW and confirmed is None else paid

    calls.each(parts, pay)


def _refuse_goods(calls: _Calls, parts: Sequence[str]) -> None:
    """The goods are there, and are not as they were.

    Whether the delivery must be confirmed first, and whether that would pay by itself, is not
    documented: it is confirmed only where Lazada takes no refusal before.
    """

    def refuse(part: str) -> Refused | None:
        refused = calls.update("refuseRefund", part, refuses=True)
        if refused is None or refused.code != _NOT_NOW:
            return refused
        confirmed = calls.update("confirmDelivery", part)
        return confirmed or calls.update("refuseRefund", part, refuses=True)

    calls.each(parts, refuse)


def _reject(calls: _Calls, parts: Sequence[str]) -> None:
    """Refusals are taken one part a call (111)."""
    calls.each(parts, lambda part: calls.update("refuseReturn", part, refuses=True))


_Deed = Callable[[_Calls, Sequence[str]], None]
_DEEDS: dict[ReturnMove, _Deed] = {
    ReturnMove.TAKE_BACK: lambda calls, parts: calls.together("agreeReturn", parts),
    ReturnMove.REFUND: lambda calls, parts: calls.together("instantRefund", parts),
    ReturnMove.REJECT: _reject,
    ReturnMove.RECEIVED: _received,
    ReturnMove.REFUSE_GOODS: _refuse_goods,
}
_ONLY_REFUND: dict[ReturnMove, _Deed] = {
    ReturnMove.REFUND: lambda calls, parts: calls.each(
        parts, lambda part: calls.decide("agreeRefund", part)
    ),
    ReturnMove.DISPUTE: lambda calls, parts: calls.each(
        parts, lambda part: calls.decide("startDispute", part)
    ),
}
