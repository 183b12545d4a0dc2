"""Tells Django about this room, and ``stores`` who gives turns to its calls."""

from django.apps import AppConfig


class ButtonsConfig(AppConfig):
    """The room ``buttons``."""

    name = "crossdock.buttons"
    label = "buttons"

    def ready(self) -> None:
        from crossdock.buttons.turns import StorePace
        from crossdock.channels import wire
        from crossdock.stores.calling import pace_with
        from crossdock.work.rehearsal import prepare_with

        pace_with(StorePace())
        prepare_with(wire.get_ready)
