"""Tells Django about this room, and procrastinate about its jobs."""

from django.apps import AppConfig


class SyncConfig(AppConfig):
    """The room ``sync``."""

    name = "crossdock.sync"
    label = "sync"

    def ready(self) -> None:
        import crossdock.sync.jobs  # noqa: F401 - importing registers the jobs
