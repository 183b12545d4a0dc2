"""Tells Django about this room."""

from django.apps import AppConfig


class PostingConfig(AppConfig):
    """The room ``posting``."""

    name = "crossdock.posting"
    label = "posting"
