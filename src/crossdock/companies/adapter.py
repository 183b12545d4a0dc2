"""Nobody signs up by themselves: owners invite people."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedDoor(DefaultAccountAdapter):  # type: ignore[misc]
    """allauth with the door closed to sign-ups."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """No."""
        return False
