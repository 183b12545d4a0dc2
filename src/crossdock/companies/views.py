"""The pages of a company itself: choosing one, and its settings."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crossdock.companies.entrance import needs
from crossdock.companies.forms import CompanyForm
from crossdock.companies.invitations import waiting_for
from crossdock.companies.models import Company
from crossdock.companies.rights import Deed
from crossdock.companies.types import CompanyRequest, PersonRequest
from crossdock.ui.sent import text_of

_A_YEAR = 365 * 24 * 3600


@require_GET
@login_required
def choose(request: PersonRequest) -> HttpResponse:
    """The person's only company, or a choice of them and of those that ask them to join."""
    companies = Company.objects.filter(memberships__person=request.user).order_by("name")
    invitations = waiting_for(request.user)
    if len(companies) == 1 and not invitations:
        return redirect("desk:orders", companies[0].slug)
    context = {"companies": companies, "invitations": invitations}
    return render(request, "companies/choose.html", context)


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
@needs(Deed.ADMINISTER)
def company_settings(request: CompanyRequest) -> HttpResponse:
    """Name, time zone and currency; links to the settings of other rooms."""
    form = CompanyForm(request.POST or None, instance=request.company)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Saved.")
        return redirect("companies:settings", request.company.slug)
    return render(request, "companies/settings.html", {"form": form, "section": "settings"})
