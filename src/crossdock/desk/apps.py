"""Tells Django about this room."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """The room ``desk``."""

    name = "crossdock.desk"
    label = "desk"
