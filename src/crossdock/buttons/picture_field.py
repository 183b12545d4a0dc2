"""Form fields for pictures of evidence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from crossdock.buttons.evidence import LARGEST, NotEvidence, look_at


class ManyFiles(forms.ClearableFileInput):
    """A file input that takes several."""

    allow_multiple_selected = True


class PicturesField(forms.FileField):
    """PNG or JPEG pictures, told by their content; cleans to their bytes."""

    def __init__(self, most: int, **more: Any) -> None:
        self.most = most
        attributes = {"accept": "image/png,image/jpeg"}
        super().__init__(widget=ManyFiles(attributes), **more)

    def clean(self, data: Any, initial: Any = None) -> list[bytes]:
        given: Sequence[UploadedFile[bytes]] = data if isinstance(data, list | tuple) else [data]
        files = [super(PicturesField, self).clean(one, initial) for one in given if one]
        if not files:
            super().clean(None, initial)
        if len(files) > self.most:
            raise ValidationError(f"At most {self.most} pictures can be sent.")
        return [_body(file) for file in files]


def _body(file: UploadedFile[bytes]) -> bytes:
    """The picture's bytes, once looked at; more than the limit is not even read."""
    body = bytes(file.read(LARGEST + 1))
    try:
        look_at(file.name or "The file", body)
    except NotEvidence as problem:
        raise ValidationError(str(problem)) from None
    return body
