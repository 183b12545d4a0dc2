"""A product's picture in a template, or its letters in the same place.

Lines come from ``showing.with_pictures``; no tag asks the database.
"""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from crossdock.orders.models import Line
from crossdock.ui.templatetags.ui import letters

register = template.Library()

_TILE = 28
_LARGE_TILE = 56
"""CSS pixels; the classes ``tile`` and ``tile large`` of the style sheet."""


@register.simple_tag(takes_context=True)
def picture(context: Context, line: Line) -> SafeString:
    """The picture of a line as a small tile; decoration, since its name stands beside it."""
    found = _found(line)
    if found is None:
        return format_html('<span class="tile" aria-hidden="true">{}</span>', letters(line.sku))
    return _image(_address(context, "small", found), "tile", _TILE)


@register.simple_tag(takes_context=True)
def picture_to_open(context: Context, line: Line) -> SafeString:
    """The picture of a line as a larger tile that leads to the picture itself."""
    found = _found(line)
    if found is None:
        return format_html(
            '<span class="tile large" aria-hidden="true">{}</span>', letters(line.sku)
        )
    return format_html(
        '<a class="zoom" href="{}" target="_blank" rel="noopener" aria-label="Picture of {}">{}</a>',
        _address(context, "large", found),
        line.name,
        _image(_address(context, "small", found), "tile large", _LARGE_TILE),
    )


def _found(line: Line) -> int | None:
    """The key of its picture; a page that loads none has letters."""
    return getattr(line, "picture_pk", None)


def _address(context: Context, size: str, picture_pk: int) -> str:
    company: Any = context["company"]
    return reverse(f"pictures:{size}", args=(company.slug, picture_pk))


def _image(address: str, kind: str, pixels: int) -> SafeString:
    return format_html(
        '<img class="{0}" src="{1}" width="{2}" height="{2}" alt="" loading="lazy" decoding="async">',
        kind,
        address,
        pixels,
    )
