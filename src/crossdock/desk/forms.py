"""The forms of a question: one for each channel and answer, for the orders that it fits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from crossdock.actions.given import Given, form_name
from crossdock.channels.answers import Form
from crossdock.channels.contract import Channel, Shop
from crossdock.channels.registry import channel
from crossdock.companies.types import CompanyRequest
from crossdock.desk.asking import ask_channel
from crossdock.desk.filled import AnswerForm, open_form
from crossdock.orders.models import Order
from crossdock.ui.sent import text_of


@dataclass
class Asked:
    """One form of a channel, and the orders that it is for."""

    channel_name: str
    what: str
    """The answer: ``reject``, or a return's move."""
    heading: str
    orders: list[Order] = field(default_factory=list)
    form: AnswerForm | None = None
    words: str = ""
    """Why the channel told no form."""

    @property
    def name(self) -> str:
        """What the form is called on the page and in the batch."""
        return form_name(self.channel_name, self.what)

    @property
    def is_empty(self) -> bool:
        """Whether the answer needs nothing."""
        return self.form is not None and self.form.asked == Form()


def by_channel(orders: Iterable[Order], what: str) -> list[Asked]:
    """One form for each channel of these orders."""
    groups: dict[str, Asked] = {}
    for order in orders:
        name = order.store.channel
        group = groups.setdefault(name, Asked(name, what, channel(name).title))
        group.orders.append(order)
    return list(groups.values())


def read(
    request: CompanyRequest, asked: Asked, tell: Callable[[Channel, Shop, Order], Form]
) -> None:
    """Fill in the form: as it came back with the page, or as the channel tells it for the first order."""
    example = asked.orders[0]
    if request.method == "POST":
        told = open_form(text_of(request.POST, f"form-{asked.name}"))
    else:
        heard = ask_channel(example.store, lambda known, shop: tell(known, shop, example))
        told, asked.words = heard.answer, heard.words
    if told is not None:
        asked.form = AnswerForm(told, asked.name, request, currency=example.currency)


def filled(groups: Sequence[Asked]) -> dict[str, Given] | None:
    """Form name → what it says, for the groups that have a form; None where one is not filled well.

    Good pictures of a form that has to be shown again are kept.
    """
    forms = {group.name: group.form for group in groups if group.form is not None}
    good = [form.is_valid() for form in forms.values()]
    if not all(good):
        for form in forms.values():
            form.keep_pictures()
        return None
    return {name: form.given() for name, form in forms.items()}


def options_of(given: dict[str, Given]) -> dict[str, Any]:
    """The filled forms as a batch keeps them, and the folders of their evidence."""
    folders = {str(PurePosixPath(name).parent) for one in given.values() for name in one.images}
    return {
        "forms": {name: one.as_json() for name, one in given.items()},
        **({"evidence": sorted(folders)} if folders else {}),
    }
