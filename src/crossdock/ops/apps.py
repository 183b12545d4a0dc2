"""Tells Django about this room, and procrastinate about its jobs."""

from django.apps import AppConfig


class OpsConfig(AppConfig):
    """The room ``ops``."""

    name = "crossdock.ops"
    label = "ops"

    def ready(self) -> None:
        import crossdock.ops.retention  # noqa: F401 - importing registers the job
