"""What the desk's templates say about rows and returns."""

from __future__ import annotations

from django import template

from crossdock.channels.registry import channel
from crossdock.desk.told import pictures as pictures_of
from crossdock.desk.versions import version_shown
from crossdock.orders.models import Order, Return
from crossdock.rules.facts import Tab

register = template.Library()


@register.filter
def row_version(order: Order, tab: Tab) -> str:
    """The mark of an order's row in the list of this tab."""
    return version_shown(order, tab)


@register.filter
def channel_title(name: str) -> str:
    """A channel's name on the screen."""
    return channel(name).title


@register.filter
def pictures(row: Return) -> list[str]:
    """The addresses of a return's pictures."""
    return pictures_of(row)
