"""The page on which the first owner of a new installation is made, by the link that the terminal shows."""

from __future__ import annotations

from typing import Any, cast

from allauth.account.utils import perform_login
from allauth.core.internal import ratelimit
from django import forms
from django.contrib.auth.forms import SetPasswordMixin
from django.contrib.auth.password_validation import password_validators_help_texts
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from crossdock.companies.addresses import AddressField
from crossdock.ops.owner import LONGEST_NAME, Made, OwnerRefused, Wanted, make_first_owner
from crossdock.ops.owner_link import LinkIsDead, require_good

_REFERRER = "strict-origin"
"""The link is in the address of the page. (With "no-referrer", browsers send forms without an origin, and these
are refused as forged.)"""


class FirstOwnerForm(SetPasswordMixin, forms.Form):  # type: ignore[type-arg]
    """The company, and who owns it. What is refused beyond this, ``make_owner`` refuses."""

    company = forms.CharField(label="Company's name", max_length=LONGEST_NAME)
    name = forms.CharField(label="Your name", max_length=LONGEST_NAME)
    email = AddressField(label="E-mail, to log in with")
    password1, password2 = SetPasswordMixin.create_password_fields("Password", "Password again")
    password1.help_text, password2.help_text = " ".join(password_validators_help_texts()), ""

    def clean(self) -> dict[str, Any]:
        """Both passwords alike, by the rules of every password here."""
        self.validate_passwords()
        self.validate_password_for_user(None)
        return self.cleaned_data

    def wanted(self) -> Wanted:
        """What was asked for, once it is valid."""
        told = self.cleaned_data
        return Wanted(told["company"], told["email"], told["name"], told["password1"])


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def first_owner(request: HttpRequest, token: str) -> HttpResponse:
    """The page of the link. Opening it changes nothing; a link that is not good looks alike, whatever it was."""
    counted = {"app": "allauth.account", "action": "first_owner", "limit_get": True}
    answer = ratelimit.consume_or_429(request, **counted) or _answer(request, token)
    answer.headers["Referrer-Policy"] = _REFERRER
    return cast(HttpResponse, answer)


def _answer(request: HttpRequest, token: str) -> HttpResponse:
    form = FirstOwnerForm(request.POST or None, label_suffix="")
    try:
        require_good(token)
        if form.is_valid():
            return _led_in(request, make_first_owner(token, form.wanted()))
    except LinkIsDead:
        return render(request, "ops/dead_owner_link.html", status=404)
    except OwnerRefused as refusal:
        form.add_error(None, str(refusal))
    return render(request, "ops/first_owner.html", {"form": form})


def _led_in(request: HttpRequest, made: Made) -> HttpResponse:
    orders = reverse("desk:orders", args=[made.company.slug])
    return cast(HttpResponse, perform_login(request, made.person, redirect_url=orders))
