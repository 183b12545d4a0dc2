"""Tells Django about this room."""

from django.apps import AppConfig


class ScanningConfig(AppConfig):
    """The room ``scanning``."""

    name = "crossdock.scanning"
    label = "scanning"
