"""Reconciliation: ask for a comparison, see what differs, have it repaired."""

from __future__ import annotations

from datetime import timedelta

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crossdock.companies.entrance import needs
from crossdock.companies.rights import Deed
from crossdock.companies.types import CompanyRequest
from crossdock.posting.jobs import reconcile_books
from crossdock.posting.models import Difference, Reconciliation, SqlAccount
from crossdock.posting.reconcile import LONGEST, REPAIRED_BY_POSTING, repair

_RUNS, _ROWS = 20, 500


class PeriodForm(forms.Form):
    """Which invoices are compared: by the dates that they carry."""

    since = forms.DateField(label="From", widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label="To", widget=forms.DateInput(attrs={"type": "date"}))

    def clean(self) -> dict[str, object]:
        """A period of three months at most."""
        entered = dict(super().clean() or {})
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and not 0 <= (until - since).days < LONGEST:
            raise forms.ValidationError(
                f"Choose a period of at most {LONGEST} days that ends after it begins."
            )
        return entered


@require_http_methods(["GET", "POST"])
@needs(Deed.POST)
def reconciliations(request: CompanyRequest) -> HttpResponse:
    """Ask for a comparison; the newest ones."""
    today = timezone.now().astimezone(request.company.zone).date()
    first = {"since": today - timedelta(days=30), "until": today}
    form = PeriodForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid() and SqlAccount.objects.exists():
        run = Reconciliation.objects.create(
            company=request.company, person=request.user, **form.cleaned_data
        )
        reconcile_books.defer(company_id=request.company.pk, run_id=run.pk)
        return redirect("posting:reconciliation", request.company.slug, run.pk)
    runs = Reconciliation.objects.select_related("person").order_by("-pk")[:_RUNS]
    context = {
        "form": form,
        "runs": runs,
        "books": SqlAccount.objects.first(),
        "section": "posting",
    }
    return render(request, "posting/reconciliations.html", context)


@require_GET
@needs(Deed.POST)
def reconciliation(request: CompanyRequest, pk: int) -> HttpResponse:
    """One comparison with its differences; the part that moves alone where htmx asks."""
    run = get_object_or_404(Reconciliation.objects.select_related("person"), pk=pk)
    rows = run.differences.select_related("order__store").order_by("kind", "number")[:_ROWS]
    context = {
        "run": run,
        "rows": rows,
        "by_posting": REPAIRED_BY_POSTING,
        "section": "posting",
    }
    part = "posting/_reconciliation.html" if request.htmx else "posting/reconciliation.html"
    return render(request, part, context)


@require_POST
@needs(Deed.POST)
def repair_difference(request: CompanyRequest, pk: int) -> HttpResponse:
    """Repair one difference."""
    difference = get_object_or_404(Difference, pk=pk, repaired_at__isnull=True)
    batch = repair(difference, request.company, request.user)
    if batch is not None:
        messages.success(request, f"{difference.number} is being posted again.")
    else:
        messages.success(request, f"{difference.number} is marked as seen.")
    return redirect("posting:reconciliation", request.company.slug, difference.reconciliation_id)
