"""Tells Django about this room, and procrastinate about its jobs."""

from django.apps import AppConfig


class OpsConfig(AppConfig):
    """The room ``ops``."""

    name = "crossdock.ops"
    label = "ops"

    def ready(self) -> None:
        from django.conf import settings

        import crossdock.ops.retention  # noqa: F401 - importing registers the job
        from crossdock.ops.private import close_to_others

        close_to_others(settings.DATA_DIR)
