"""Tells Django about this room, ``buttons`` which list a person looks at, and ``work`` how its filter becomes
orders."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """The room ``desk``."""

    name = "crossdock.desk"
    label = "desk"

    def ready(self) -> None:
        from crossdock.buttons.asking import register_list
        from crossdock.desk.asked import stored_filter
        from crossdock.desk.filter import orders_of_stored
        from crossdock.work.batch import register_filter

        register_filter(orders_of_stored)
        register_list(stored_filter)
