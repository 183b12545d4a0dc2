"""Tells Django about this room, procrastinate about its jobs, and ``stores`` who fetches orders."""

from django.apps import AppConfig


class SyncConfig(AppConfig):
    """The room ``sync``."""

    name = "crossdock.sync"
    label = "sync"

    def ready(self) -> None:
        from crossdock.stores.linked import (
            offer,
            when_asked,
            when_described,
            when_linked,
            when_reaching_back,
        )
        from crossdock.sync import left_ahead
        from crossdock.sync import schedule as _periodic  # noqa: F401 - its tasks register themselves
        from crossdock.sync.for_stores import SYNC_PAGE, catch_up, first_sync, reach_back, remarks

        when_linked(first_sync)
        when_asked(catch_up)
        when_reaching_back(reach_back)
        when_described(remarks)
        offer(SYNC_PAGE)
        left_ahead.register()
