"""Tells Django about this room."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """The room ``ui``."""

    name = "crossdock.ui"
    label = "ui"
