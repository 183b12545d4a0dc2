"""How the login library fits this house: nobody signs up, and wrong passwords lock out no one else."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.signals import password_reset
from allauth.core.internal import ratelimit
from django.dispatch import receiver
from django.http import HttpRequest

from crossdock.companies.models import Person

_APP = "allauth.account"


class ClosedDoor(DefaultAccountAdapter):  # type: ignore[misc]
    """allauth with the door closed to sign-ups, and with failed logins counted by place."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """No."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count a try: of this address from this place, then from all places together.

        Raises a validation error when it was tried too often. A try that succeeds is not counted.
        """
        super().pre_authenticate(request, **credentials)
        everywhere = ratelimit.consume(
            request, app=_APP, action="login_failed_anywhere", key=credentials["email"]
        )
        if everywhere is None:
            raise self.validation_error("too_many_login_attempts")
        self._login_failed_rl_usage.usage += everywhere.usage

    def forget_failures(self, request: HttpRequest, person: Person) -> None:
        """Whoever has set a new password may log in with it at once."""
        self._delete_login_attempts_cached_email(request, email=person.email)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """allauth's key is the address alone: then anybody could lock anybody out, from anywhere."""
        return f"{ratelimit.get_ip(request)} {credentials['email'].lower()}"


@receiver(password_reset)
def _has_a_new_password(request: HttpRequest, user: Person, **_: Any) -> None:
    ClosedDoor(request).forget_failures(request, user)
