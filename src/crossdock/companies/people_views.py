"""The People page: who is in, who is asked, and what they are."""

from __future__ import annotations

from allauth.core import ratelimit
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from crossdock.companies.entrance import needs
from crossdock.companies.forms import InviteForm
from crossdock.companies.invitations import (
    LinkIsDead,
    NotInvited,
    invite,
    link_of,
    open_in,
    renew,
    revoke,
)
from crossdock.companies.letters import mail_works
from crossdock.companies.models import Invitation, Membership
from crossdock.companies.people import LastOwner, change_role, remove
from crossdock.companies.rights import Deed, Role
from crossdock.companies.types import CompanyRequest
from crossdock.ui.sent import sent_with, text_of


@require_http_methods(["GET", "POST"])
@needs(Deed.ADMINISTER)
def people(request: CompanyRequest) -> HttpResponse:
    """Who is in the company, and who is asked; letting somebody in."""
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _may_invite_more(request):
        try:
            invitation = invite(request.company, request.user, **form.cleaned_data)
            return _told(request, invitation)
        except NotInvited as refusal:
            messages.error(request, str(refusal))
    return _page(request, form)


@require_POST
@needs(Deed.ADMINISTER)
def invitation(request: CompanyRequest, pk: int) -> HttpResponse:
    """Give an invitation a new link, or take it back."""
    get_object_or_404(Invitation, pk=pk)
    try:
        if "revoke" in request.POST:
            revoked = revoke(pk)
            messages.success(
                request, f"The invitation of {revoked.email} is revoked: its link is dead."
            )
        elif _may_invite_more(request):
            return _told(request, renew(request.company, request.user, pk))
    except LinkIsDead:
        messages.error(request, "This invitation was answered or revoked meanwhile.")
    except NotInvited as refusal:
        messages.error(request, str(refusal))
    return redirect("companies:people", request.company.slug)


@require_http_methods(["GET", "POST"])
@needs(Deed.ADMINISTER)
def member(request: CompanyRequest, pk: int) -> HttpResponse:
    """Ask whether somebody is to become something else, or to be let go; do it when it is sure."""
    chosen = get_object_or_404(
        Membership.objects.select_related("person", "company"), pk=pk, company=request.company
    )
    asked = sent_with(request)
    role = text_of(asked, "role") or chosen.role
    if role not in list(Role):
        messages.error(request, "Choose one of the five roles.")
        return redirect("companies:people", request.company.slug)
    if "sure" not in request.POST:
        context = {
            "chosen": chosen,
            "role": Role(role),
            "removes": "remove" in asked,
            "roles": list(Role),
            "section": "people",
        }
        return render(request, "companies/member.html", context)
    return _changed(request, chosen, Role(role))


def _changed(request: CompanyRequest, chosen: Membership, role: Role) -> HttpResponse:
    try:
        if "remove" in request.POST:
            remove(chosen)
            messages.success(request, f"{chosen.person} was removed from {request.company}")
        else:
            change_role(chosen, role)
            messages.success(request, f"{chosen.person} is {role} now.")
    except LastOwner as refusal:
        messages.error(request, str(refusal))
    is_still_owner = Membership.objects.filter(
        company=request.company, person=request.user, role=Role.OWNER
    )
    if not is_still_owner.exists():
        return redirect("home")
    return redirect("companies:people", request.company.slug)


def _may_invite_more(request: CompanyRequest) -> bool:
    may = bool(ratelimit.consume(request, action="invite", user=request.user))
    if not may:
        messages.error(request, "That was very many invitations within an hour. Go on later.")
    return may


def _told(request: CompanyRequest, invitation: Invitation) -> HttpResponse:
    """The same words for addresses that can log in here and for those that cannot."""
    role = invitation.get_role_display().lower()
    if mail_works():
        messages.success(
            request,
            f"A letter asks {invitation.email} to join as {role}. It is good for 24 hours.",
        )
        return redirect("companies:people", request.company.slug)
    return _page(request, InviteForm(), link=link_of(invitation), invited=invitation)


def _page(
    request: CompanyRequest,
    form: InviteForm,
    *,
    link: str = "",
    invited: Invitation | None = None,
) -> HttpResponse:
    members = request.company.memberships.select_related("person").order_by("person__name", "pk")
    context = {
        "form": form,
        "link": link,
        "invited": invited,
        "members": members,
        "invitations": open_in(request.company).select_related("invited_by").order_by("pk"),
        "roles": list(Role),
        "section": "people",
    }
    return render(request, "companies/people.html", context)
