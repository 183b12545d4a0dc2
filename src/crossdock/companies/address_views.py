"""The pages of one's own address: changing it, confirming it, and a password that was lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from allauth.account import views as account
from allauth.account.decorators import reauthentication_required
from allauth.decorators import rate_limit
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from crossdock.companies.forms import AddressForm
from crossdock.companies.letters import mail_works
from crossdock.companies.login_address import NotTaken, ask_for, asked_of_late, opened, take
from crossdock.companies.types import PersonRequest


@require_http_methods(["GET", "POST"])
@login_required
def address(request: PersonRequest) -> HttpResponseBase:
    """The address that somebody logs in with; without a mail server it cannot be changed here."""
    if not mail_works():
        return render(request, "companies/address.html", {"person": request.user})
    answer: HttpResponseBase = _asked_anew(_change)(request)
    return answer


def _asked_anew(view: Callable[[PersonRequest], HttpResponse]) -> Callable[..., HttpResponseBase]:
    """Have the password asked for again, already where the form opens."""
    limited = rate_limit(action="manage_email")(view)
    return cast(Callable[..., HttpResponseBase], reauthentication_required()(limited))


def _change(request: PersonRequest) -> HttpResponse:
    form = AddressForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        asked = ask_for(request.user, form.cleaned_data["email"])
        messages.info(
            request,
            f"A letter goes to {asked.address}. Open the link in it within an hour, in this browser.",
        )
        return redirect("account_email")
    context = {"form": form, "person": request.user, "asked": asked_of_late(request.user)}
    return render(request, "companies/address.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def confirm(request: PersonRequest, token: str) -> HttpResponse:
    """The letter's link: asks, so that no mail scanner confirms anything, and takes the address."""
    try:
        change = opened(token, request.user)
        if request.method == "POST":
            take(change)
            messages.success(request, f"You log in with {change.address}; it is confirmed.")
            return redirect("home")
    except NotTaken as refusal:
        context = {"person": request.user, "problem": str(refusal)}
        return render(request, "companies/confirm_address.html", context, status=404)
    return render(request, "companies/confirm_address.html", {"change": change})


def forgotten(request: HttpRequest) -> HttpResponseBase:
    """Where a letter with a link can be asked for; without a mail server, who can help."""
    if not mail_works():
        return render(request, "companies/no_mail.html")
    answer: HttpResponseBase = account.password_reset(request)
    return answer
