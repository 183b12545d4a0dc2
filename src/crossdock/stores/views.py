"""The Stores page, and the way to a channel's page and back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from crossdock.channels.registry import channels
from crossdock.companies.entrance import needs
from crossdock.companies.rights import Deed
from crossdock.companies.types import CompanyRequest
from crossdock.stores import linked
from crossdock.stores.models import Store
from crossdock.stores.registration import NotRegistered
from crossdock.stores.visit import FIRST_DAYS_OFFERED as FIRST_DAYS
from crossdock.stores.visit import authorize_url


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
