"""Tells Django about this room."""

from django.apps import AppConfig


class CompaniesConfig(AppConfig):
    """The room ``companies``."""

    name = "crossdock.companies"
    label = "companies"
