"""Sellers come back from a channel's page: with a state, to the company where they began; without one
(begun at the marketplace), to the question which company they mean."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from crossdock.channels.contract import Channel
from crossdock.channels.registry import channel
from crossdock.companies.models import Company, Membership
from crossdock.companies.rights import RIGHTS, Deed
from crossdock.companies.scope import company_scope
from crossdock.stores import linked
from crossdock.stores.link import NotLinked, link
from crossdock.stores.models import Store
from crossdock.stores.registration import NotRegistered
from crossdock.stores.told import tell
from crossdock.stores.visit import (
    FIRST_DAYS_OFFERED,
    BadVisit,
    Visit,
    arrival,
    days_of,
    keep_arrival,
    opened_state,
    take_arrival,
)
from crossdock.ui.sent import text_of


@require_GET
@login_required
def callback(request: HttpRequest, channel_name: str) -> HttpResponse:
    """A seller comes back from a channel's page; the right is asked again."""
    known = _known(request, channel_name)
    if known is None:
        return redirect("home")
    query = {name: text_of(request.GET, name) for name in request.GET}
    if not query.get("state"):
        return _ask_for_the_company(request, known, query)
    try:
        visit = opened_state(request.session, channel_name, query["state"])
    except BadVisit as problem:
        messages.error(request, str(problem))
        return redirect("home")
    return _link(request, visit, query)


@require_http_methods(["GET", "POST"])
@login_required
def choose(request: HttpRequest, channel_name: str) -> HttpResponse:
    """Which company a shop is for whose seller began at the marketplace: nothing was exchanged yet."""
    known = _known(request, channel_name)
    if known is None:
        return redirect("home")
    owned = _owned(request)
    if request.method == "POST":
        company = owned.get(text_of(request.POST, "company"))
        if company is None:
            raise PermissionDenied("Only an owner links stores.")
        try:
            query = take_arrival(request.session, channel_name)
        except BadVisit as problem:
            messages.error(request, str(problem))
            return redirect("stores:stores", company.slug)
        codes = [one.code for one in known.regions]
        region = text_of(request.POST, "region")
        visit = Visit(
            company.pk, channel_name, region if region in codes else codes[0], days_of(request.POST)
        )
        return _link(request, visit, query)
    if arrival(request.session, channel_name) is None:
        messages.error(
            request, f"What {known.title} sent is over: start linking on the Stores page."
        )
        return redirect("home")
    context = {"known": known, "companies": owned.values(), "days": FIRST_DAYS_OFFERED}
    return render(request, "stores/choose.html", context)


def _known(request: HttpRequest, channel_name: str) -> Channel | None:
    try:
        return channel(channel_name)
    except LookupError as unknown:
        messages.error(request, str(unknown))
        return None


def _ask_for_the_company(
    request: HttpRequest, known: Channel, query: Mapping[str, str]
) -> HttpResponse:
    if not query or "error" in query:
        why = query.get("error") or "nothing came with you"
        messages.warning(
            request, f"Nothing was linked at {known.title}: {why}. Start linking again."
        )
        return redirect("home")
    if not _owned(request):
        messages.error(request, "Only an owner links stores: nothing was linked.")
        return redirect("home")
    keep_arrival(request.session, known.name, query)
    return redirect("oauth-choose", known.name)


def _owned(request: HttpRequest) -> dict[str, Company]:
    """The companies for which this person may link stores, by slug."""
    found = Membership.objects.filter(
        person_id=request.user.pk or 0, role__in=RIGHTS[Deed.ADMINISTER]
    ).select_related("company")
    return {one.company.slug: one.company for one in found.order_by("company__name")}


def _link(request: HttpRequest, visit: Visit, query: Mapping[str, str]) -> HttpResponse:
    """Link, say what came of it, and go to the company's stores."""
    company = next((one for one in _owned(request).values() if one.pk == visit.company), None)
    if company is None:
        raise PermissionDenied("Only an owner links stores: nothing was linked.")
    with company_scope(company):
        try:
            found = link(
                company,
                channel_name=visit.channel,
                region=visit.region,
                query=query,
                days=visit.days,
                again=Store.objects.filter(pk=visit.store).first() if visit.store else None,
            )
        except (NotLinked, NotRegistered) as problem:
            messages.error(request, str(problem))
        else:
            for store in found.stores:
                linked.tell_linked(store, visit.days)
            tell(request, found)
    return redirect("stores:stores", company.slug)
