"""What a person filled into a channel's form: kept in the batch's options, sent by an action."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class FilledForm:
    """The fields of one filled form."""

    reason: str = ""
    """The channel's code."""
    reason_words: str = ""
    """The channel's words for it, for the history."""
    comment: str = ""
    email: str = ""
    amount: Decimal | None = None
    """In the order's currency."""
    images: tuple[str, ...] = ()
    """Kept evidence (``buttons.evidence``), by name."""

    def as_json(self) -> dict[str, Any]:
        """Return it as a batch keeps it."""
        return {
            "reason": self.reason,
            "reason_words": self.reason_words,
            "comment": self.comment,
            "email": self.email,
            "amount": None if self.amount is None else str(self.amount),
            "images": list(self.images),
        }


def form_name(channel: str, what: str) -> str:
    """Return what a filled form is called in a batch: one for each channel and answer."""
    return f"{channel}:{what}"


def filled_form_for(options: Mapping[str, Any], channel: str, what: str) -> FilledForm:
    """Return the form that the batch has for this channel and answer; an empty one where it has none."""
    return _from_json(options.get("forms", {}).get(form_name(channel, what), {}))


def _from_json(kept: Mapping[str, Any]) -> FilledForm:
    """Return a filled form from its JSON."""
    amount = kept.get("amount")
    return FilledForm(
        **{
            name: str(kept.get(name, "")) for name in ("reason", "reason_words", "comment", "email")
        },
        amount=None if amount is None else Decimal(amount),
        images=tuple(kept.get("images", ())),
    )
