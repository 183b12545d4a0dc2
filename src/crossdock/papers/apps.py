"""Tells Django about this room, procrastinate about its jobs, and ``work`` about Print AWB."""

from django.apps import AppConfig


class PapersConfig(AppConfig):
    """The room ``papers``."""

    name = "crossdock.papers"
    label = "papers"

    def ready(self) -> None:
        import crossdock.papers.jobs  # noqa: F401 - importing registers the jobs
        from crossdock.papers.awb import PrintAwb
        from crossdock.work.action import register

        register(PrintAwb())
