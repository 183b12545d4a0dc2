"""Tells Django about this room, and procrastinate about its jobs."""

from django.apps import AppConfig


class CompaniesConfig(AppConfig):
    """The room ``companies``."""

    name = "crossdock.companies"
    label = "companies"

    def ready(self) -> None:
        import crossdock.companies.jobs  # noqa: F401 - importing registers the jobs
        from crossdock.channels.wire import ask_before_sending
        from crossdock.companies.only_one import refuse_while_copy
        from crossdock.companies.sealing import register
        from crossdock.companies.two_step import Seeds

        ask_before_sending(refuse_while_copy)
        register(Seeds())
