"""What a person chooses for a run or a check: stores, and days of the company's."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms

from crossdock.companies.models import Company
from crossdock.companies.only_one import NOTHING_GOES_OUT, is_copy
from crossdock.companies.types import CompanyRequest
from crossdock.stores.models import Store
from crossdock.sync.begin import may_run
from crossdock.sync.days import today
from crossdock.ui.sent import texts_of


class DaysForm(forms.Form):
    """Stores and a range of days."""

    most_days = 92

    stores: forms.ModelMultipleChoiceField[Store] = forms.ModelMultipleChoiceField(
        queryset=None,
        error_messages={"required": "Choose at least one store."},
    )
    since = forms.DateField(label="From", error_messages={"required": "Say from which day."})
    until = forms.DateField(label="To", error_messages={"required": "Say to which day."})

    def __init__(self, company: Company, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today(company.zone)
        linked = Store.objects.filter(unlinked_at__isnull=True).order_by("name")
        self.fields["stores"].queryset = linked  # type: ignore[attr-defined]

    def clean_stores(self) -> list[Store]:
        """Only stores that can be asked."""
        if is_copy():
            raise forms.ValidationError(NOTHING_GOES_OUT)
        chosen = list(self.cleaned_data["stores"])
        for store in chosen:
            if not may_run(store):
                what = "must be linked again" if store.needs_relink else "is paused"
                raise forms.ValidationError(
                    f"{store.name} {what}: leave it out, or mend that first."
                )
        return chosen

    def clean(self) -> dict[str, Any]:
        """Days in order, not in the future, and not too many."""
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until:
            self._check(since, until)
        return cleaned

    def _check(self, since: date, until: date) -> None:
        if since > until:
            self.add_error("until", "The range ends before it begins.")
        elif since > self.today:
            self.add_error("since", "These days are still to come.")
        elif (until - since) >= timedelta(days=self.most_days):
            self.add_error("until", f"At most {self.most_days} days at once.")


class RunForm(DaysForm):
    """A run over orders by the moment of their creation or last change."""

    most_days = 366

    by = forms.ChoiceField(
        choices=[("updated", "updated"), ("created", "created")], initial="updated"
    )
    returns = forms.BooleanField(required=False)


def chosen_stores(request: CompanyRequest, form: DaysForm) -> list[str] | None:
    """Which stores are ticked: as sent, or the one that its card leads here with; None: all."""
    if form.is_bound:
        return texts_of(request.POST, "stores")
    return texts_of(request.GET, "store") or None
