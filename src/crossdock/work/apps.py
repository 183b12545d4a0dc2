"""Tells Django about this room, and procrastinate about its jobs."""

from django.apps import AppConfig


class WorkConfig(AppConfig):
    """The room ``work``."""

    name = "crossdock.work"
    label = "work"

    def ready(self) -> None:
        import crossdock.work.jobs  # noqa: F401 - importing registers the jobs
