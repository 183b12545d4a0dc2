"""The pages of a company itself: choosing one, its settings, its people."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.tokens import default_token_generator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme, urlsafe_base64_decode
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crossdock.companies.entrance import needs
from crossdock.companies.forms import CompanyForm, InviteForm
from crossdock.companies.models import Company, Membership, Person
from crossdock.companies.people import LastOwner, change_role, invite, remove
from crossdock.companies.rights import Deed, Role
from crossdock.companies.types import CompanyRequest
from crossdock.rules.from_outside import whole
from crossdock.ui.sent import text_of

_A_YEAR = 365 * 24 * 3600


@require_GET
@login_required
def choose(request: HttpRequest) -> HttpResponse:
    """The person's only company, or a choice of them."""
    companies = Company.objects.filter(memberships__person_id=request.user.pk or 0).order_by("name")
    if len(companies) == 1:
        return redirect("desk:orders", companies[0].slug)
    return render(request, "companies/choose.html", {"companies": companies})


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Remember light or dark on this device, and go back."""
    chosen = text_of(request.POST, "theme")
    back = text_of(request.POST, "next")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}):
        back = "/"
    answer = HttpResponseRedirect(back)
    if chosen in ("light", "dark"):
        answer.set_cookie("theme", chosen, max_age=_A_YEAR, samesite="Lax", httponly=True)
    return answer


@require_http_methods(["GET", "POST"])
def welcome(request: HttpRequest, mark: str, token: str) -> HttpResponse:
    """A newcomer sets a password, once."""
    person = _newcomer(mark)
    if person is None or not default_token_generator.check_token(person, token):
        raise Http404("This link was used already, or has expired: ask the owner for a new one.")
    form = SetPasswordForm(person, request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Your password is set. Log in with it.")
        return redirect("account_login")
    return render(request, "companies/welcome.html", {"form": form, "person": person})


@require_http_methods(["GET", "POST"])
@needs(Deed.ADMINISTER)
def company_settings(request: CompanyRequest) -> HttpResponse:
    """Name, time zone and currency; links to the settings of other rooms."""
    form = CompanyForm(request.POST or None, instance=request.company)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Saved.")
        return redirect("companies:settings", request.company.slug)
    return render(request, "companies/settings.html", {"form": form, "section": "settings"})


@require_http_methods(["GET", "POST"])
@needs(Deed.ADMINISTER)
def people(request: CompanyRequest) -> HttpResponse:
    """Who is in the company; letting somebody in."""
    form = InviteForm(request.POST or None)
    link = ""
    if request.method == "POST" and form.is_valid():
        member, path = invite(request.company, **form.cleaned_data)
        link = f"{settings.PUBLIC_URL}{path}" if path else ""
        messages.success(request, f"{member.person} is in {request.company}.")
        form = InviteForm()
    members = request.company.memberships.select_related("person").order_by("person__name", "pk")
    context = {
        "form": form,
        "link": link,
        "members": members,
        "roles": list(Role),
        "section": "people",
    }
    return render(request, "companies/people.html", context)


@require_POST
@needs(Deed.ADMINISTER)
def member(request: CompanyRequest, pk: int) -> HttpResponse:
    """Change what somebody is, or let them go."""
    chosen = get_object_or_404(Membership, pk=pk, company=request.company)
    try:
        if "remove" in request.POST:
            remove(chosen)
            messages.success(request, f"{chosen.person} is no longer in {request.company}.")
        else:
            change_role(chosen, text_of(request.POST, "role"))
            messages.success(
                request, f"{chosen.person} is {chosen.get_role_display().lower()} now."
            )
    except LastOwner as refusal:
        messages.error(request, str(refusal))
    except ValueError:
        messages.error(request, "Choose one of the five roles.")
    return redirect("companies:people", request.company.slug)


def _newcomer(mark: str) -> Person | None:
    try:
        number = whole(urlsafe_base64_decode(mark).decode())
    except ValueError:
        return None
    return Person.objects.filter(pk=number or 0).first()
