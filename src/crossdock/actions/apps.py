"""Tells Django about this room."""

from django.apps import AppConfig


class ActionsConfig(AppConfig):
    """The room ``actions``."""

    name = "crossdock.actions"
    label = "actions"
