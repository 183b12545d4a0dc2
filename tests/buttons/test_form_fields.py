"""A channel's form on the screen: its bounds hold, and nothing that was given is lost on an error."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from crossdock.buttons.form_fields import AnswerForm, open_form, seal_form
from crossdock.channels.answers import Form, Reason
from crossdock.companies.models import Company
from tests.buttons.test_evidence import PIXEL

DISPUTE = Form(
    reasons=(Reason("9", "Not as described"), Reason("10", "Damaged by the buyer")),
    wants_comment=True,
    wants_email=True,
    most_images=3,
    least_images=2,
    least_amount=Decimal("0.50"),
    most_amount=Decimal("19.90"),
)
GOOD = {"reason": "10", "comment": "See the pictures.", "email": "desk@example.test", "amount": "5"}

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
amounts = st.none() | st.decimals(0, 10_000, places=2)
forms = st.builds(
    Form,
    reasons=st.lists(st.builds(Reason, texts, texts), max_size=4).map(tuple),
    wants_comment=st.booleans(),
    wants_email=st.booleans(),
    most_images=st.integers(0, 9),
    least_images=st.integers(0, 9),
    least_amount=amounts,
    most_amount=amounts,
)


@pytest.fixture(autouse=True)
def files(tmp_path: Path, settings: Any) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def posted(asked: Form, company: int = 7, pictures: int = 0, **said: str) -> AnswerForm:
    data: dict[str, Any] = {f"x:dispute-{name}": value for name, value in said.items()}
    data["x:dispute-images"] = [
        SimpleUploadedFile(f"{place}.png", PIXEL, "image/png") for place in range(pictures)
    ]
    request: Any = RequestFactory().post("/", data)
    request.company = Company(pk=company)
    return AnswerForm(asked, "x:dispute", request, currency="MYR")


@given(forms)
def test_a_form_comes_back_from_the_browser_as_the_channel_told_it(form: Form) -> None:
    assert open_form(seal_form(form)) == form


def test_a_form_that_was_touched_on_its_way_is_not_taken() -> None:
    sealed = seal_form(DISPUTE)
    assert open_form(sealed[:-1] + ("B" if sealed.endswith("A") else "A")) is None


def test_a_well_filled_form_says_everything_that_was_given() -> None:
    form = posted(DISPUTE, pictures=2, **GOOD)
    assert form.is_valid(), form.errors
    given = form.filled()
    assert (given.reason, given.reason_words) == ("10", "Damaged by the buyer")
    assert (given.comment, given.email) == ("See the pictures.", "desk@example.test")
    assert given.amount == Decimal(5)
    assert len(given.images) == 2


@pytest.mark.parametrize(
    ("field", "value"),
    [("amount", "0.49"), ("amount", "19.91"), ("amount", "1.005"), ("amount", "many"), ("reason", "11"),
     ("email", "nobody"), ("comment", " "), ("comment", "x" * 501)],
)  # fmt: skip
def test_a_field_outside_its_bounds_is_named(field: str, value: str) -> None:
    form = posted(DISPUTE, pictures=2, **{**GOOD, field: value})
    assert not form.is_valid()
    assert list(form.errors) == [field]


@pytest.mark.parametrize("pictures", [0, 1, 4])
def test_too_few_or_too_many_pictures_are_named(pictures: int) -> None:
    form = posted(DISPUTE, pictures=pictures, **GOOD)
    assert not form.is_valid()
    assert list(form.errors) == ["images"]


def test_good_pictures_need_not_be_chosen_again_after_another_fields_error() -> None:
    first = posted(DISPUTE, pictures=2, **{**GOOD, "amount": ""})
    assert not first.is_valid()
    first.keep_pictures()
    second = posted(DISPUTE, kept=first.sealed_kept, **GOOD)
    assert second.is_valid(), second.errors
    assert second.filled().images == first.kept


def test_pictures_of_one_company_are_not_taken_for_anothers() -> None:
    first = posted(DISPUTE, pictures=2, **{**GOOD, "amount": ""})
    first.is_valid()
    first.keep_pictures()
    assert not posted(DISPUTE, company=8, kept=first.sealed_kept, **GOOD).is_valid()
