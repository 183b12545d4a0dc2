"""Tells Django about this room, procrastinate about its jobs, and ``stores`` what must go on or end with
a store."""

from django.apps import AppConfig


class WorkConfig(AppConfig):
    """The room ``work``."""

    name = "crossdock.work"
    label = "work"

    def ready(self) -> None:
        import crossdock.work.jobs  # noqa: F401 - importing registers the jobs
        from crossdock.stores.linked import when_linked, when_unlinking
        from crossdock.work import left_ahead
        from crossdock.work.relinked import EndOfAStore, go_on
        from crossdock.work.ticks import tick_by_these

        when_linked(go_on)
        when_unlinking(EndOfAStore())
        tick_by_these()
        left_ahead.register()
