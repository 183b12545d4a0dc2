"""The Stores page, and the way to a channel's page and back."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from crossdock.channels.registry import channel, channels
from crossdock.companies.entrance import needs
from crossdock.companies.models import Membership
from crossdock.companies.rights import Deed, may
from crossdock.companies.scope import company_scope
from crossdock.companies.types import CompanyRequest
from crossdock.stores import linked
from crossdock.stores.link import NotLinked, authorize_url, link, opened_state
from crossdock.stores.models import Store
from crossdock.stores.registration import NotRegistered

FIRST_DAYS = (3, 7, 15, 30, 90)


@require_GET
@needs(Deed.SEE_HEALTH)
def stores(request: CompanyRequest) -> HttpResponse:
    """Every linked store and how it fares; linking another."""
    rows = Store.objects.filter(unlinked_at__isnull=True).order_by("channel", "name")
    context = {
        "stores": rows,
        "channels": channels(),
        "days": FIRST_DAYS,
        "section": "stores",
        "now": timezone.now(),
    }
    return render(request, "stores/stores.html", context)


@require_POST
@needs(Deed.ADMINISTER)
def begin_link(request: CompanyRequest) -> HttpResponse:
    """Off to the channel's own page."""
    name, _, region = request.POST.get("where", "").partition(":")
    days = request.POST.get("days", "3")
    try:
        url = authorize_url(
            request.session,
            request.company,
            channel_name=name,
            region=region,
            days=int(days) if days.isdigit() and int(days) in FIRST_DAYS else FIRST_DAYS[0],
        )
    except (LookupError, NotRegistered) as problem:
        messages.error(request, str(problem))
        return redirect("stores:stores", request.company.slug)
    return redirect(url)


@require_POST
@needs(Deed.SYNC_NOW)
def sync_now(request: CompanyRequest, pk: int) -> HttpResponse:
    """Look at a store's orders at once."""
    store = get_object_or_404(Store, pk=pk, unlinked_at__isnull=True)
    linked.tell_asked(store)
    messages.success(request, f"{store.name} is being synced.")
    return redirect("stores:stores", request.company.slug)


@require_POST
@needs(Deed.ADMINISTER)
def change(request: CompanyRequest, pk: int) -> HttpResponse:
    """Pause a store's sync or let it go on; give the store another name."""
    store = get_object_or_404(Store, pk=pk, unlinked_at__isnull=True)
    if "pause" in request.POST:
        store.paused_at = None if store.paused_at else timezone.now()
    elif name := request.POST.get("name", "").strip():
        store.name = name[:120]
    store.save(update_fields=["paused_at", "name"])
    return redirect("stores:stores", request.company.slug)


@require_GET
@login_required
def callback(request: HttpRequest, channel_name: str) -> HttpResponse:
    """A seller comes back from a channel's page; the right is asked again."""
    try:
        title = channel(channel_name).title
    except LookupError as unknown:
        messages.error(request, str(unknown))
        return redirect("home")
    if not request.GET.get("state"):
        messages.warning(
            request, f"Linking {title} starts on the Stores page of the company it is for."
        )
        return redirect("home")
    try:
        state = opened_state(request.session, channel_name, request.GET["state"])
        membership = _owner(request, state.company)
        with company_scope(state.company):
            found = link(
                membership.company,
                channel_name=channel_name,
                region=state.region,
                query=request.GET.dict(),
            )
            for store in found:
                linked.tell_linked(store, state.days)
    except (NotLinked, NotRegistered) as problem:
        messages.error(request, str(problem))
        return redirect("home")
    messages.success(
        request, f"Linked: {', '.join(store.name for store in found)}. Its orders are coming in."
    )
    return redirect("stores:stores", membership.company.slug)


def _owner(request: HttpRequest, company_id: int) -> Membership:
    membership = (
        Membership.objects.select_related("company")
        .filter(company_id=company_id, person_id=request.user.pk or 0)
        .first()
    )
    if membership is None or not may(membership, Deed.ADMINISTER):
        raise PermissionDenied("Only an owner links stores.")
    return membership
