"""What the desk's templates say about batches and returns."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from django import template

from crossdock.channels.registry import channel
from crossdock.desk.told import pictures as pictures_of
from crossdock.desk.versions import version_shown
from crossdock.orders.models import Order, Return
from crossdock.rules.facts import Tab
from crossdock.work.action import action_named
from crossdock.work.models import Batch

register = template.Library()


@runtime_checkable
class Titled(Protocol):
    """An action whose title depends on what was chosen."""

    def title_of(self, options: dict[str, object]) -> str:
        """The title of a batch with these options."""
        ...


@register.filter
def batch_title(batch: Batch) -> str:
    """A batch's name on the screen: "Pack", "Reject cancellation"."""
    action = action_named(batch.action)
    return action.title_of(batch.options) if isinstance(action, Titled) else action.title


@register.filter
def action_title(name: str) -> str:
    """An action's name on the screen."""
    return action_named(name).title


@register.filter
def time_left(seconds: float) -> str:
    """A span as people say it: "about 40 s", "about 3 min"."""
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds >= size * 1.5:
            return f"about {round(seconds / size)} {unit}"
    return f"about {max(round(seconds), 1)} s"


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
