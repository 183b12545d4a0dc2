"""The login library's forms, where an address is typed: in the one form that is kept."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import LoginForm, ResetPasswordForm
from django.http import HttpRequest

from crossdock.companies.addresses import address_of
from crossdock.companies.jobs import mail_reset
from crossdock.companies.models import Person


class LogInForm(LoginForm):  # type: ignore[misc]
    """Address and password."""

    def clean_login(self) -> str:
        """The address as it is kept."""
        return address_of(super().clean_login())


class ForgottenForm(ResetPasswordForm):  # type: ignore[misc]
    """Whose password was lost."""

    def clean_email(self) -> str:
        """Any address: the answer is the same for those that can log in and those that cannot."""
        return address_of(self.cleaned_data["email"])

    def save(self, request: HttpRequest, **more: Any) -> str:
        """Order the letter; a worker writes it, so that nobody can tell by the time it takes."""
        email: str = self.cleaned_data["email"]
        for person in Person.objects.filter(email=email, is_active=True):
            mail_reset.defer(person_id=person.pk)
        return email
