"""Tells Django about this room."""

from django.apps import AppConfig


class OpsConfig(AppConfig):
    """The room ``ops``."""

    name = "crossdock.ops"
    label = "ops"
