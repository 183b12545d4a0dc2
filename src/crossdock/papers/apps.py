"""Tells Django about this room."""

from django.apps import AppConfig


class PapersConfig(AppConfig):
    """The room ``papers``."""

    name = "crossdock.papers"
    label = "papers"
