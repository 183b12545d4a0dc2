"""One store's settings, and letting it go."""

from __future__ import annotations

from typing import cast

from django import forms
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from crossdock.channels.registry import channel
from crossdock.companies.entrance import needs
from crossdock.companies.rights import Deed
from crossdock.companies.types import CompanyRequest
from crossdock.stores import linked
from crossdock.stores.jobs import defer_finish
from crossdock.stores.models import Store
from crossdock.stores.permissions import missing_of
from crossdock.stores.unlink import begin_unlinking, finish_unlinking
from crossdock.stores.views import set_pause
from crossdock.stores.visit import FIRST_DAYS_OFFERED
from crossdock.stores.ways import forget, rules_of
from crossdock.ui.sent import text_of


class StoreForm(forms.Form):
    """What an owner can change about a store."""

    name = forms.CharField(
        label="Name",
        max_length=120,
        help_text="As it is called here; the marketplace keeps its own.",
    )
    first_days = forms.TypedChoiceField(
        label="Orders reach back",
        coerce=int,
        help_text="Counted from now. Choosing more days than before fetches the older orders at once.",
    )
    syncs = forms.BooleanField(
        label="Sync",
        required=False,
        help_text="Off: nothing is fetched. What you do with its orders still goes to the marketplace.",
    )

    def __init__(self, data: QueryDict | None, store: Store) -> None:
        kept = {
            "name": store.name,
            "first_days": store.first_days,
            "syncs": store.paused_at is None,
        }
        super().__init__(data, initial=kept)
        offered = sorted({*FIRST_DAYS_OFFERED, store.first_days})
        choices = [(number, f"{number} days") for number in offered]
        cast(forms.TypedChoiceField, self.fields["first_days"]).choices = choices


@require_http_methods(["GET", "POST"])
@needs(Deed.ADMINISTER)
def settings(request: CompanyRequest, pk: int) -> HttpResponse:
    """Name, sync, how far its orders reach back, and the rules of how it ships."""
    store = get_object_or_404(Store, pk=pk, unlinked_at__isnull=True, unlinking_at__isnull=True)
    form = StoreForm(request.POST or None, store)
    if request.method == "POST" and form.is_valid():
        _save(store, form)
        messages.success(request, "Saved.")
        return redirect("stores:settings", request.company.slug, store.pk)
    context = {
        "store": store,
        "form": form,
        "rules": rules_of(store),
        "missing": missing_of(store),
        "chooses": channel(store.channel).can.choose_how_to_ship,
        "section": "stores",
    }
    return render(request, "stores/settings.html", context)


def _save(store: Store, form: StoreForm) -> None:
    days = form.cleaned_data["first_days"]
    further = days > store.first_days
    store.name, store.first_days = form.cleaned_data["name"], days
    store.save(update_fields=["name", "first_days"])
    set_pause(store, on=not form.cleaned_data["syncs"])
    if further:
        linked.tell_reach(store, days)


@require_POST
@needs(Deed.ADMINISTER)
def forget_way(request: CompanyRequest, pk: int) -> HttpResponse:
    """Have it asked again how a kind of delivery is shipped."""
    store = get_object_or_404(Store, pk=pk, unlinked_at__isnull=True)
    if forget(store, text_of(request.POST, "logistics_id")):
        messages.success(
            request, "Forgotten: it is asked again before the next orders are shipped."
        )
    return redirect("stores:settings", request.company.slug, store.pk)


@require_http_methods(["GET", "POST"])
@needs(Deed.ADMINISTER)
def unlink(request: CompanyRequest, pk: int) -> HttpResponse:
    """Say what unlinking means for this store; do it."""
    store = get_object_or_404(Store, pk=pk, unlinked_at__isnull=True)
    if request.method == "GET":
        context = {
            "store": store,
            "channel": channel(store.channel),
            "work": linked.open_work(store),
            "section": "stores",
        }
        return render(request, "stores/unlink.html", context)
    still = begin_unlinking(store)
    if finish_unlinking(store.pk):
        messages.success(request, f"{store.name} is unlinked. Its orders stay here.")
    else:
        defer_finish(request.company.pk, store.pk)
        messages.info(
            request,
            f"{store.name} is being unlinked, as soon as the marketplace has answered for "
            f"{still.in_air} order{'' if still.in_air == 1 else 's'}.",
        )
    return redirect("stores:stores", request.company.slug)
