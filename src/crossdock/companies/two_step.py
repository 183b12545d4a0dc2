"""Two-step login: its seeds are sealed at rest, and whose address it stands on is known first."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from crossdock.companies.letters import mail_works
from crossdock.companies.models import Person
from crossdock.companies.sealing import open_sealed, seal

_SEALED = "sealed:"


class SealedTwoStep(DefaultMFAAdapter):  # type: ignore[misc]
    """allauth's two-step login with what it keeps sealed by the installation's keys."""

    def encrypt(self, text: str) -> str:
        """Sealed, and marked so."""
        return _SEALED + seal(text).decode()

    def sealed_once(self, text: str) -> str:
        """Sealed, whether it was before or not."""
        return text if text.startswith(_SEALED) else self.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        """The seed again; one that a version before this one wrote is in clear still.

        Raises WrongKey when no key at hand opens it.
        """
        is_sealed = encrypted_text.startswith(_SEALED)
        sealed = encrypted_text.removeprefix(_SEALED)
        return open_sealed(sealed.encode()) if is_sealed else encrypted_text


def proven_first(
    view: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Where mail can be sent, an address is proven before a second step locks its login: else whoever
    took somebody's address could keep them out for good. Without a mail server nobody can prove any."""

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponseBase:
        person = request.user
        if isinstance(person, Person) and mail_works() and not person.is_proven:
            messages.info(
                request,
                "Confirm your e-mail address first. Then switch two-factor login on.",
            )
            return redirect("account_email")
        return view(request)

    return guarded
