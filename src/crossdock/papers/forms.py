"""The form for a company's papers."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from PIL import Image, UnidentifiedImageError

from crossdock.papers.models import PaperSettings, Separator, Size
from crossdock.papers.picking import HIDEABLE
from crossdock.papers.words import LANGUAGES
from crossdock.rules.picking import SortBy

_LARGEST = 2_000_000
_BOX = (600, 200)
"""Pixels that a logo is brought down to."""
_SORTS = {SortBy.LOCATION: "Location", SortBy.SKU: "SKU", SortBy.NAME: "Name"}


class PaperForm(forms.Form):
    """How papers look. What a packer must see is not among what can be hidden."""

    size = forms.ChoiceField(label="Paper", choices=[(one.value, one.heading) for one in Size])
    language = forms.ChoiceField(label="Language", choices=list(LANGUAGES.items()))
    sort = forms.ChoiceField(
        label="Summary sorted by", choices=[(one.value, title) for one, title in _SORTS.items()]
    )
    shown = forms.MultipleChoiceField(
        label="Columns besides SKU and quantity",
        choices=list(HIDEABLE.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    logo = forms.FileField(
        label="Logo (PNG or JPEG)",
        required=False,
        widget=forms.FileInput({"accept": "image/png,image/jpeg"}),
    )
    without_logo = forms.BooleanField(label="Print no logo", required=False)
    awb_size = forms.ChoiceField(
        label="AWBs lie on",
        choices=[("", "each label's own size"), *((one.value, one.heading) for one in Size)],
        required=False,
        help_text="Labels are never scaled; one that is larger than the paper keeps its own size.",
    )
    separator = forms.ChoiceField(
        label="Separator page between AWBs",
        choices=[(one.value, one.heading) for one in Separator],
        initial=Separator.NONE.value,
        required=False,
        help_text="It names the orders that were printed before.",
    )
    last_first = forms.BooleanField(
        label="Print the last AWB first (for parcels stacked face down)", required=False
    )

    @classmethod
    def of(cls, kept: PaperSettings) -> PaperForm:
        """The form filled with what is kept."""
        shown = [name for name in HIDEABLE if name not in kept.hidden]
        return cls(
            initial={
                "size": kept.size,
                "language": kept.language,
                "sort": kept.sort,
                "shown": shown,
                "awb_size": kept.awb_size,
                "separator": kept.separator,
                "last_first": kept.last_first,
            }
        )

    def clean_logo(self) -> bytes | None:
        """The logo as a small PNG without whatever else was in the file; None: no new one."""
        given: Any = self.cleaned_data.get("logo")
        if not given:
            return None
        if given.size > _LARGEST:
            raise ValidationError("A logo may have 2 MB at most.")
        try:
            with Image.open(BytesIO(given.read()), formats=("PNG", "JPEG")) as picture:
                picture.thumbnail(_BOX)
                small = BytesIO()
                picture.convert("RGBA").save(small, "PNG", optimize=True)
        except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
            raise ValidationError("This file is no PNG or JPEG picture.") from None
        return small.getvalue()

    def put_into(self, kept: PaperSettings) -> PaperSettings:
        """The settings with what the (valid) form says; not saved."""
        told = self.cleaned_data
        kept.size, kept.language, kept.sort = told["size"], told["language"], told["sort"]
        kept.hidden = [name for name in HIDEABLE if name not in told["shown"]]
        kept.awb_size, kept.separator = told["awb_size"], told["separator"] or kept.separator
        kept.last_first = told["last_first"]
        if told["without_logo"]:
            kept.logo = b""
        elif told["logo"]:
            kept.logo = told["logo"]
        return kept
