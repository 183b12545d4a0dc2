"""Tells Django about this room, procrastinate about its jobs, and ``stores`` who fetches orders."""

from django.apps import AppConfig


class SyncConfig(AppConfig):
    """The room ``sync``."""

    name = "crossdock.sync"
    label = "sync"

    def ready(self) -> None:
        from crossdock.stores.linked import when_asked, when_linked
        from crossdock.sync import schedule as _periodic  # noqa: F401 - its tasks register themselves
        from crossdock.sync.jobs import on_asked, on_linked

        when_linked(on_linked)
        when_asked(on_asked)
