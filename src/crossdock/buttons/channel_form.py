"""The forms of a question: one for each channel and answer, for the orders that it fits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from crossdock.buttons.ask_channel import ask_channel
from crossdock.buttons.filled_form import FilledForm, form_name
from crossdock.buttons.form_fields import AnswerForm, open_form
from crossdock.channels.answers import Form
from crossdock.channels.contract import Channel, Shop
from crossdock.channels.registry import channel
from crossdock.companies.types import CompanyRequest
from crossdock.orders.models import Order
from crossdock.ui.sent import text_of


@dataclass
class FormQuestion:
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


def by_channel(orders: Iterable[Order], what: str) -> list[FormQuestion]:
    """Return one question for each channel of these orders."""
    questions: dict[str, FormQuestion] = {}
    for order in orders:
        name = order.store.channel
        question = questions.setdefault(name, FormQuestion(name, what, channel(name).title))
        question.orders.append(order)
    return list(questions.values())


def load_form(
    request: CompanyRequest, question: FormQuestion, ask: Callable[[Channel, Shop, Order], Form]
) -> None:
    """Set the question's form: as it came back with the page, or as the channel tells it for the first
    order."""
    example = question.orders[0]
    if request.method == "POST":
        form = open_form(text_of(request.POST, f"form-{question.name}"))
    else:
        heard = ask_channel(example.store, lambda known, shop: ask(known, shop, example))
        form, question.words = heard.answer, heard.words
    if form is not None:
        question.form = AnswerForm(form, question.name, request, currency=example.currency)


def collect(questions: Sequence[FormQuestion]) -> dict[str, FilledForm] | None:
    """Return form name → what it says, for the questions that have a form; None where one is not filled
    well.

    Good pictures of a form that has to be shown again are kept.
    """
    forms = {one.name: one.form for one in questions if one.form is not None}
    good = [form.is_valid() for form in forms.values()]
    if not all(good):
        for form in forms.values():
            form.keep_pictures()
        return None
    return {name: form.filled() for name, form in forms.items()}


def options_of(filled: dict[str, FilledForm]) -> dict[str, Any]:
    """Return the filled forms as a batch keeps them, and the folders of their evidence."""
    folders = {str(PurePosixPath(name).parent) for form in filled.values() for name in form.images}
    return {
        "forms": {name: form.as_json() for name, form in filled.items()},
        **({"evidence": sorted(folders)} if folders else {}),
    }
