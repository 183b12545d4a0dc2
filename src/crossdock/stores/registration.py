"""Our registration at each channel: settings of the installation, and the addresses to register."""

from __future__ import annotations

from django.conf import settings

from crossdock.channels.contract import App


class NotRegistered(Exception):
    """This installation has no app key for the channel; the message says what to set."""


def app_of(channel: str) -> App:
    """The app that this installation is at a channel. Raises NotRegistered."""
    app = settings.CHANNEL_APPS.get(channel)
    if app is None:
        name = channel.upper()
        raise NotRegistered(
            f"This installation has no {channel} app: set CROSSDOCK_{name}_APP_KEY and "
            f"CROSSDOCK_{name}_APP_SECRET."
        )
    registered: App = app
    return registered


def callback_url(channel: str) -> str:
    """Where the channel sends a seller back to: to be registered in its console."""
    return f"{settings.PUBLIC_URL}/oauth/{channel}/callback"


def webhook_url(channel: str) -> str:
    """Where the channel sends its messages: to be registered in its console."""
    return f"{settings.PUBLIC_URL}/webhooks/{channel}"
