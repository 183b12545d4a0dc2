"""Saved views: a filter with a name, for oneself or for the company."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from crossdock.buttons.asking import go_back
from crossdock.companies.entrance import needs
from crossdock.companies.rights import Deed, may
from crossdock.companies.types import CompanyRequest
from crossdock.desk.asked import wanted_filter
from crossdock.desk.models import SavedView
from crossdock.ui.sent import text_of

_MOST = 50


def views_of(request: CompanyRequest) -> Sequence[SavedView]:
    """The person's own views and those that are shared in the company, by name."""
    mine = Q(person_id=request.user.pk) | Q(is_shared=True)
    return list(SavedView.objects.filter(mine).order_by("name", "pk")[: 2 * _MOST])


def may_change(view: SavedView, request: CompanyRequest) -> bool:
    """Whether this person may rename or delete it: its maker, or an owner where it is shared."""
    own = view.person_id == request.user.pk
    return own or (view.is_shared and may(request.membership, Deed.ADMINISTER))


@require_POST
@needs(Deed.SEE_ORDERS)
def save_view(request: CompanyRequest) -> HttpResponse:
    """Keep the filter of the list under a name."""
    name = " ".join(text_of(request.POST, "name").split())[:60]
    if not name:
        messages.warning(request, "Give the view a name first.")
        return go_back(request)
    if SavedView.objects.filter(person=request.user).count() >= _MOST:
        messages.warning(request, f"You have {_MOST} views: delete one first.")
        return go_back(request)
    try:
        with transaction.atomic():
            made = SavedView.objects.create(
                company=request.company,
                person=request.user,
                name=name,
                query=wanted_filter(request).query(view=None)[:4000],
                is_shared=text_of(request.POST, "shared") == "1",
            )
    except IntegrityError:
        messages.warning(request, f"You have a view called {name!r} already: choose another name.")
        return go_back(request)
    shared = ", and everybody in the company sees it" if made.is_shared else ""
    messages.success(request, f"The view {name!r} is saved{shared}.")
    return _show(request, made)


@require_POST
@needs(Deed.SEE_ORDERS)
def change_view(request: CompanyRequest, pk: int) -> HttpResponse:
    """Rename, share or delete a view."""
    view = get_object_or_404(SavedView, pk=pk)
    if not may_change(view, request):
        raise PermissionDenied("Somebody else saved this view.")
    if "delete" in request.POST:
        view.delete()
        messages.success(request, f"The view {view.name!r} is deleted.")
        return go_back(request)
    view.name = " ".join(text_of(request.POST, "name").split())[:60] or view.name
    view.is_shared = text_of(request.POST, "shared") == "1"
    try:
        with transaction.atomic():
            view.save(update_fields=["name", "is_shared"])
    except IntegrityError:
        messages.warning(request, f"There is a view called {view.name!r} already.")
        return go_back(request)
    messages.success(request, f"The view is called {view.name!r} now.")
    return go_back(request)


def _show(request: CompanyRequest, view: SavedView) -> HttpResponse:
    return redirect(
        f"{reverse('desk:orders', args=[request.company.slug])}?{view.query}&view={view.pk}"
    )
