"""Tells Django about this room."""

from django.apps import AppConfig


class WorkConfig(AppConfig):
    """The room ``work``."""

    name = "crossdock.work"
    label = "work"
