"""Tells Django about this room."""

from django.apps import AppConfig


class SyncConfig(AppConfig):
    """The room ``sync``."""

    name = "crossdock.sync"
    label = "sync"
