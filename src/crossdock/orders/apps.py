"""Tells Django about this room."""

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    """The room ``orders``."""

    name = "crossdock.orders"
    label = "orders"
