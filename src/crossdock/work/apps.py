"""Tells Django about this room, procrastinate about its jobs, and ``stores`` who gives turns."""

from django.apps import AppConfig


class WorkConfig(AppConfig):
    """The room ``work``."""

    name = "crossdock.work"
    label = "work"

    def ready(self) -> None:
        import crossdock.work.jobs  # noqa: F401 - importing registers the jobs
        from crossdock.stores.calling import pace_with
        from crossdock.work.pace import StorePace

        pace_with(StorePace())
