"""A channel's form on the screen: shown as the channel told it, and read back once it is filled.

What the channel told goes with the page, signed, so that filling it in needs no second question.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.core import signing

from crossdock.buttons import evidence
from crossdock.buttons.filled_form import FilledForm
from crossdock.buttons.picture_field import PicturesField
from crossdock.channels.answers import Form, Reason
from crossdock.companies.types import CompanyRequest
from crossdock.ui.sent import text_of

_SALT = "desk.form"
_KEPT = "desk.evidence"
_LONGEST_COMMENT = 500


class AnswerForm(forms.Form):
    """What must be said before an answer can be sent."""

    def __init__(
        self, asked: Form, name: str, request: CompanyRequest, *, currency: str = ""
    ) -> None:
        self.asked, self.company = asked, request.company
        self.kept: tuple[str, ...] = ()
        filled = request.method == "POST"
        super().__init__(
            request.POST if filled else None,
            request.FILES if filled else None,
            prefix=name,
            label_suffix="",
        )
        if filled:
            self.kept = self._opened(text_of(request.POST, self.add_prefix("kept")))
        self._add_words(asked)
        self._add_amount(asked, currency)
        self._add_pictures(asked)

    def _add_words(self, asked: Form) -> None:
        if asked.reasons:
            choices = [(reason.code, reason.words) for reason in asked.reasons]
            first = [("", "Choose a reason")] if len(choices) > 1 else []
            self.fields["reason"] = forms.ChoiceField(label="Reason", choices=[*first, *choices])
        if asked.wants_comment:
            self.fields["comment"] = forms.CharField(
                label="Comment", widget=forms.Textarea({"rows": 3}), max_length=_LONGEST_COMMENT
            )
        if asked.wants_email:
            self.fields["email"] = forms.EmailField(label="E-mail for the marketplace's answer")

    def _add_amount(self, asked: Form, currency: str) -> None:
        if asked.least_amount is None:
            return
        bounds = f"from {asked.least_amount}"
        if asked.most_amount is not None:
            bounds += f" to {asked.most_amount}"
        self.fields["amount"] = forms.DecimalField(
            label=f"Amount in {currency}" if currency else "Amount",
            min_value=asked.least_amount,
            max_value=asked.most_amount,
            decimal_places=2,
            help_text=bounds[:1].upper() + bounds[1:],
        )

    def _add_pictures(self, asked: Form) -> None:
        if not asked.most_images:
            return
        need = max(asked.least_images - len(self.kept), 0)
        least = f", at least {asked.least_images}" if asked.least_images else ""
        self.fields["images"] = PicturesField(
            asked.most_images,
            label="Evidence",
            required=bool(need),
            help_text=f"PNG or JPEG, at most {asked.most_images}{least}, 5 MB each.",
        )

    def clean(self) -> dict[str, Any]:
        """Whether the pictures at hand are enough."""
        cleaned = super().clean() or {}
        if "images" in cleaned:
            number = len(cleaned["images"]) + len(self.kept)
            if number < self.asked.least_images:
                self.add_error("images", f"At least {self.asked.least_images} pictures are needed.")
            elif number > self.asked.most_images:
                self.add_error("images", f"At most {self.asked.most_images} pictures can be sent.")
        return cleaned

    @property
    def sealed(self) -> str:
        """The form as the channel told it, for the way to the browser and back."""
        return seal_form(self.asked)

    @property
    def sealed_kept(self) -> str:
        """The pictures that are kept already, for the same way."""
        return signing.dumps(list(self.kept), salt=self._salt)

    def keep_pictures(self) -> None:
        """Keep the good pictures, also those of a form that has to be shown once more."""
        self.kept += evidence.keep(self.company.pk, self.cleaned_data.pop("images", ()))

    def filled(self) -> FilledForm:
        """Return what a valid form says, and keep its pictures."""
        self.keep_pictures()
        said = self.cleaned_data
        reason = said.get("reason", "")
        words = next((one.words for one in self.asked.reasons if one.code == reason), "")
        return FilledForm(
            reason=reason,
            reason_words=words,
            comment=said.get("comment", ""),
            email=said.get("email", ""),
            amount=said.get("amount"),
            images=self.kept,
        )

    @property
    def _salt(self) -> str:
        return f"{_KEPT}.{self.company.pk}"

    def _opened(self, text: str) -> tuple[str, ...]:
        try:
            return tuple(signing.loads(text, salt=self._salt)) if text else ()
        except signing.BadSignature:
            return ()


def seal_form(form: Form) -> str:
    """A form as signed text."""
    kept: dict[str, Any] = {
        "reasons": [[reason.code, reason.words] for reason in form.reasons],
        "wants_comment": form.wants_comment,
        "wants_email": form.wants_email,
        "most_images": form.most_images,
        "least_images": form.least_images,
        "least_amount": _text(form.least_amount),
        "most_amount": _text(form.most_amount),
    }
    return signing.dumps(kept, salt=_SALT, compress=True)


def open_form(text: str) -> Form | None:
    """The form that was signed; None where there is none, or where it is not ours."""
    try:
        kept: Mapping[str, Any] = signing.loads(text, salt=_SALT)
    except signing.BadSignature:
        return None
    return Form(
        reasons=tuple(Reason(code, words) for code, words in kept["reasons"]),
        wants_comment=kept["wants_comment"],
        wants_email=kept["wants_email"],
        most_images=kept["most_images"],
        least_images=kept["least_images"],
        least_amount=_amount(kept["least_amount"]),
        most_amount=_amount(kept["most_amount"]),
    )


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)


def _amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
