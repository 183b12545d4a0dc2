"""Tells Django about this room."""

from django.apps import AppConfig


class StoresConfig(AppConfig):
    """The room ``stores``."""

    name = "crossdock.stores"
    label = "stores"
