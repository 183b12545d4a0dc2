"""Small pieces that every template may use: icons, logos, money, times in the company's zone."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from crossdock import __version__
from crossdock.rules.deadlines import countdown, pressure
from crossdock.rules.money import two_places

register = template.Library()


@cache
def _svg(package: str, name: str) -> str:
    text = files(package).joinpath(f"{name}.svg").read_text("utf-8")
    return re.sub(r"\s+", " ", text)


@register.simple_tag
def icon(name: str) -> SafeString:
    """A Tabler icon, inlined; decoration only, so that screen readers pass it by."""
    svg = _svg("crossdock.ui.icons", name).replace("<svg", '<svg aria-hidden="true"', 1)
    return mark_safe(svg)  # noqa: S308 - a file of our own


@register.simple_tag
def version() -> str:
    """The version of Crossdock that drew the page."""
    return f"Crossdock {__version__}"


@register.simple_tag
def channel_logo(name: str) -> SafeString:
    """A channel's mark, with its name for screen readers."""
    svg = _svg(f"crossdock.channels.{name}", "logo").replace("<svg", '<svg class="logo"', 1)
    return mark_safe(svg)  # noqa: S308 - a file of our own


@register.simple_tag
def money(amount: Decimal | None, currency: str) -> SafeString:
    """``MYR 1,234.50``; a dash where nobody said."""
    if amount is None:
        return SafeString('<span class="money">–</span>')
    return format_html(
        '<span class="money"><small>{}</small> {}</span>', currency, f"{two_places(amount):,.2f}"
    )


@register.simple_tag(takes_context=True)
def local_time(context: dict[str, Any], moment: datetime | None) -> SafeString:
    """A moment in the company's time zone."""
    if moment is None:
        return SafeString("–")
    company = context.get("company")
    local = moment.astimezone(company.zone) if company else moment
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        moment.isoformat(),
        local.strftime("%A %d %B %Y, %H:%M:%S %Z"),
        local.strftime("%d %b %Y, %H:%M"),
    )


@register.simple_tag
def ship_by(moment: datetime | None) -> SafeString:
    """The time left to ship, its colour saying how pressing it is."""
    if moment is None:
        return SafeString("–")
    now = timezone.now()
    return format_html(
        '<time class="ship-by {}" datetime="{}">{}</time>',
        pressure(moment, now).value,
        moment.isoformat(),
        countdown(moment, now),
    )


@register.simple_tag
def ago(moment: datetime | None) -> str:
    """How long ago, in one unit."""
    if moment is None:
        return "never"
    seconds = max(int((timezone.now() - moment).total_seconds()), 0)
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds // size} {unit} ago"
    return f"{seconds} s ago"


@register.simple_tag
def ticking(moment: datetime | None) -> SafeString:
    """How long ago, in one unit; it goes on by itself (``ui/ages.js``), by the age that it was sent
    with, since the reader's clock may be wrong."""
    if moment is None:
        return SafeString("never")
    seconds = max(int((timezone.now() - moment).total_seconds()), 0)
    return format_html(
        '<time class="age" datetime="{}" data-age="{}">{}</time>',
        moment.isoformat(),
        seconds,
        ago(moment),
    )


@register.filter
def letters(sku: str) -> str:
    """Two letters for a product's tile."""
    found = re.sub(r"[^A-Za-z0-9]", "", sku)[:2].upper()
    return found or "?"


@register.filter
def masked(text: str) -> str:
    """What a channel has masked, with few asterisks for many."""
    return re.sub(r"\*{4,}", "***", text or "")
