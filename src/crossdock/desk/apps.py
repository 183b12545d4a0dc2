"""Tells Django about this room, and ``work`` how a stored filter becomes orders."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """The room ``desk``."""

    name = "crossdock.desk"
    label = "desk"

    def ready(self) -> None:
        from crossdock.desk.filter import orders_of_stored
        from crossdock.work.batch import register_filter

        register_filter(orders_of_stored)
