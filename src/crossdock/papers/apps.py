"""Tells Django about this room, and ``work`` about Print AWB."""

from django.apps import AppConfig


class PapersConfig(AppConfig):
    """The room ``papers``."""

    name = "crossdock.papers"
    label = "papers"

    def ready(self) -> None:
        from crossdock.papers.awb import PrintAwb
        from crossdock.work.action import register

        register(PrintAwb())
