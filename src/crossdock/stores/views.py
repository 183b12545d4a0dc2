"""The Stores page: how every store fares, and what can be done about it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from crossdock.channels.contract import Channel
from crossdock.channels.registry import channel, channels
from crossdock.companies.entrance import needs
from crossdock.companies.rights import Deed, may
from crossdock.companies.types import CompanyRequest
from crossdock.stores import linked
from crossdock.stores.calendar import Ending, ending_of
from crossdock.stores.health import Health, health_of
from crossdock.stores.linked import Offer, Remark
from crossdock.stores.models import Store
from crossdock.stores.permissions import Missing, missing_of
from crossdock.stores.registration import NotRegistered
from crossdock.stores.visit import FIRST_DAYS_OFFERED, authorize_url, days_of, page_region
from crossdock.ui.sent import key_or_404, text_of


@dataclass(frozen=True, slots=True)
class Card:
    """A store as its card shows it."""

    store: Store
    health: Health
    ending: Ending
    remarks: Sequence[Remark]
    missing: Sequence[Missing]
    """Permissions that it lacks, but for what its health says already."""
    offers: Sequence[tuple[Offer, str]]
    """Pages above this room, with their addresses for this store."""

    @property
    def channel(self) -> Channel:
        """The store's marketplace."""
        return channel(self.store.channel)


@require_GET
@needs(Deed.SEE_HEALTH)
def stores(request: CompanyRequest) -> HttpResponse:
    """Every linked store and how it fares; linking another; those that were unlinked."""
    rows = list(Store.objects.order_by("channel", "name", "pk"))
    context = {
        "cards": cards(request, [store for store in rows if store.unlinked_at is None]),
        "unlinked": [store for store in rows if store.unlinked_at is not None],
        "channels": channels(),
        "days": FIRST_DAYS_OFFERED,
        "section": "stores",
    }
    return render(request, "stores/stores.html", context)


@require_GET
@needs(Deed.SEE_HEALTH)
def health(request: CompanyRequest, pk: int) -> HttpResponse:
    """How one store fares, for a card that looks again by itself."""
    store = get_object_or_404(Store, pk=pk)
    return render(request, "stores/_health.html", {"card": cards(request, [store])[0]})


@require_POST
@needs(Deed.ADMINISTER)
def begin_link(request: CompanyRequest) -> HttpResponse:
    """Off to the channel's own page: for any shop, or for one store that is to be linked again."""
    again = _again(request)
    if again is not None:
        name, region = again.channel, page_region(again)
    else:
        name, _, region = text_of(request.POST, "where").partition(":")
    try:
        url = authorize_url(
            request.session,
            request.company,
            channel_name=name,
            region=region,
            days=days_of(request.POST),
            store=again,
        )
    except (LookupError, NotRegistered) as problem:
        messages.error(request, str(problem))
        return redirect("stores:stores", request.company.slug)
    return _off_to(request, url, channel(name).title)


def _off_to(request: CompanyRequest, url: str, title: str) -> HttpResponse:
    """A page that goes on to the marketplace. A redirect would not do: to browsers it belongs to the form,
    and forms may lead to our own host alone, while nobody knows all hosts of a marketplace's login."""
    answer = render(
        request, "stores/off_to.html", {"url": url, "title": title, "section": "stores"}
    )
    answer.headers["Refresh"] = f"0; url={url}"
    return answer


@require_POST
@needs(Deed.SYNC_NOW)
def sync_now(request: CompanyRequest, pk: int) -> HttpResponse:
    """Look at a store's orders at once."""
    store = get_object_or_404(Store, pk=pk, unlinked_at__isnull=True)
    if store.needs_relink:
        messages.error(request, f"{store.name} must be linked again first.")
    elif store.paused_at is not None:
        messages.error(request, f"{store.name} is paused: let it go on first.")
    else:
        linked.tell_asked(store)
        messages.success(request, f"{store.name} is being synced.")
    return redirect("stores:stores", request.company.slug)


@require_POST
@needs(Deed.ADMINISTER)
def pause(request: CompanyRequest, pk: int) -> HttpResponse:
    """Pause a store's sync, or let it go on."""
    store = get_object_or_404(Store, pk=pk, unlinked_at__isnull=True, unlinking_at__isnull=True)
    set_pause(store, on="go_on" not in request.POST)
    return redirect("stores:stores", request.company.slug)


def set_pause(store: Store, *, on: bool) -> None:
    """Pause a store's sync, or let it go on and catch up at once."""
    if on == (store.paused_at is not None):
        return
    store.paused_at = timezone.now() if on else None
    store.save(update_fields=["paused_at"])
    if not on:
        linked.tell_asked(store)


def cards(request: CompanyRequest, rows: Sequence[Store]) -> list[Card]:
    """These stores with all that their cards show."""
    now = timezone.now()
    remarks = linked.remarks_on(rows)
    found = []
    for store in rows:
        fares = health_of(store, now)
        missing = [one for one in missing_of(store) if one.lack not in fares.reason]
        ending, offers = ending_of(store, now), _offers(request, store)
        found.append(Card(store, fares, ending, remarks[store.pk], missing, offers))
    return found


def _offers(request: CompanyRequest, store: Store) -> list[tuple[Offer, str]]:
    found = []
    for one in linked.offers():
        if may(request.membership, one.deed):
            with suppress(NoReverseMatch):
                address = reverse(one.url_name, args=[request.company.slug])
                found.append((one, f"{address}?store={store.pk}"))
    return found


def _again(request: HttpRequest) -> Store | None:
    if not text_of(request.POST, "store"):
        return None
    return get_object_or_404(Store, pk=key_or_404(request.POST, "store"))
