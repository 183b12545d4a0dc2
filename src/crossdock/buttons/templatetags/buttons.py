"""What templates say about batches."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from django import template

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
def time_left(seconds: float) -> str:
    """A span as people say it: "about 40 s", "about 3 min"."""
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds >= size * 1.5:
            return f"about {round(seconds / size)} {unit}"
    return f"about {max(round(seconds), 1)} s"
