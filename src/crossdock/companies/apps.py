"""Tells Django about this room, and procrastinate about its jobs."""

from django.apps import AppConfig


class CompaniesConfig(AppConfig):
    """The room ``companies``."""

    name = "crossdock.companies"
    label = "companies"

    def ready(self) -> None:
        import crossdock.companies.jobs  # noqa: F401 - importing registers the jobs
