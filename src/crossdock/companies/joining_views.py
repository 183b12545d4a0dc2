"""The one page on which somebody agrees to join a company."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import SetPasswordForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from crossdock.companies.invitations import (
    Answer,
    LinkIsDead,
    accept,
    accept_with_password,
    decline,
    opened,
    waiting_for,
    way_to_answer,
)
from crossdock.companies.models import Invitation, Membership, Person
from crossdock.companies.types import PersonRequest


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """An invitation, by its link. Opening it changes nothing: mail scanners open links."""
    try:
        return _answer(request, opened(token), by_link=True)
    except LinkIsDead:
        return _dead(request)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def invited(request: PersonRequest, pk: int) -> HttpResponse:
    """An invitation, for whoever is logged in with its address, which they have proven."""
    try:
        for invitation in waiting_for(request.user):
            if invitation.pk == pk:
                return _answer(request, invitation, by_link=False)
    except LinkIsDead:
        pass
    return _dead(request)


def _dead(request: HttpRequest) -> HttpResponse:
    return render(request, "companies/dead_link.html", status=404)


def _answer(request: HttpRequest, invitation: Invitation, *, by_link: bool) -> HttpResponse:
    visitor = request.user if isinstance(request.user, Person) else None
    way = way_to_answer(invitation, visitor, by_link=by_link)
    form = None
    if way is Answer.SET_PASSWORD:
        newcomer = Person(email=invitation.email, name=invitation.name)
        form = SetPasswordForm(newcomer, request.POST or None)
    if request.method == "POST" and way in (Answer.AGREE, Answer.SET_PASSWORD):
        if "decline" in request.POST:
            return _declined(request, invitation)
        if way is Answer.AGREE:
            return _joined(request, accept(invitation, visitor, by_link=by_link))
        if form is not None and form.is_valid():
            password = form.cleaned_data["new_password1"]
            return _joined(request, accept_with_password(invitation, password))
    context = {
        "invitation": invitation,
        "way": way.name,
        "form": form,
        "is_known": Person.objects.filter(email=invitation.email).exists(),
    }
    return render(request, "companies/join.html", context)


def _joined(request: HttpRequest, membership: Membership) -> HttpResponse:
    company, person = membership.company, membership.person
    is_in = f"You are in {company} now, as {membership.role}."
    orders = reverse("desk:orders", args=[company.slug])
    if request.user.is_authenticated:
        messages.success(request, is_in)
        return redirect(orders)
    messages.success(request, f"{is_in} Log in as {person.email}.")
    return redirect(f"{reverse('account_login')}?{urlencode({'next': orders})}")


def _declined(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    decline(invitation)
    messages.info(request, f"Declined: you did not join {invitation.company}")
    return redirect("home" if request.user.is_authenticated else "account_login")
