"""What the desk's templates say about batches."""

from __future__ import annotations

from django import template

from crossdock.work.action import action_named

register = template.Library()


@register.filter
def action_title(name: str) -> str:
    """An action's name on the screen."""
    return action_named(name).title
