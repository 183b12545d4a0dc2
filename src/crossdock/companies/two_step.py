"""Two-step login: its seeds are sealed at rest, and whose address it stands on is known first."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import wraps
from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from django.apps import apps
from django.contrib import messages
from django.db.models import TextField
from django.db.models.functions import Cast
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from crossdock.companies.letters import mail_works
from crossdock.companies.models import Person
from crossdock.companies.sealing import open_sealed, seal

_SEALED = "sealed:"
_NAMES = ("secret", "seed")
_LISTS = ("migrated_codes",)
"""What allauth keeps of a second step that its adapter encrypts."""


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


class Seeds:
    """Where they are kept (``sealing.Sealed``)."""

    what = "seeds of two-factor login"

    def values(self) -> Iterator[bytes]:
        yield from {value for one in _second_steps() for value in _sealed_in(one.data)}

    def replace(self, old: bytes, new: bytes) -> None:
        before, after = _SEALED + old.decode(), _SEALED + new.decode()
        kept = _second_steps().annotate(text=Cast("data", TextField()))
        for one in kept.filter(text__contains=before):
            changed = _with(one.data, before, after)
            _second_steps().filter(pk=one.pk, data=one.data).update(data=changed)

    def give_up(self, lost: Collection[bytes]) -> Iterator[str]:
        """Without their seed neither codes nor recovery codes work: both go."""
        gone = set(lost)
        people = {one.user_id for one in _second_steps() if gone & set(_sealed_in(one.data))}
        for person in Person.objects.filter(pk__in=people).order_by("email"):
            _second_steps().filter(user_id=person.pk).delete()
            yield (
                f"{person.email}: two-factor login is off; they log in with the password alone, and switch it "
                "on again under Two-factor login."
            )


def _second_steps() -> Any:
    return apps.get_model("mfa", "Authenticator")._default_manager.all()


def _sealed_in(data: dict[str, Any]) -> list[bytes]:
    """The sealed parts of what allauth keeps of a second step."""
    texts = [data[name] for name in _NAMES if name in data]
    texts += [text for name in _LISTS for text in data.get(name) or []]
    return [
        text.removeprefix(_SEALED).encode()
        for text in texts
        if isinstance(text, str) and text.startswith(_SEALED)
    ]


def _with(data: dict[str, Any], before: str, after: str) -> dict[str, Any]:
    changed = {name: after if value == before else value for name, value in data.items()}
    for name in _LISTS:
        if isinstance(listed := data.get(name), list):
            changed[name] = [after if value == before else value for value in listed]
    return changed


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
