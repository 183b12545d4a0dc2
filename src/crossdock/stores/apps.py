"""Tells Django about this room, and procrastinate about its jobs."""

from django.apps import AppConfig


class StoresConfig(AppConfig):
    """The room ``stores``."""

    name = "crossdock.stores"
    label = "stores"

    def ready(self) -> None:
        import crossdock.stores.jobs  # noqa: F401 - importing registers the jobs
        from crossdock.companies.sealing import register
        from crossdock.stores.lost_keys import SEALED

        for place in SEALED:
            register(place)
