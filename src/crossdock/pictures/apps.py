"""Tells Django about this room, and ``orders`` who looks at what was written (which registers the jobs)."""

from django.apps import AppConfig


class PicturesConfig(AppConfig):
    """The room ``pictures``."""

    name = "crossdock.pictures"
    label = "pictures"

    def ready(self) -> None:
        from crossdock.orders.written import when_written
        from crossdock.pictures.noticing import look_at

        when_written(look_at)
