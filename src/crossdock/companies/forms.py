"""What an owner enters about the company and its people."""

from __future__ import annotations

from zoneinfo import available_timezones

from django import forms

from crossdock.companies.addresses import AddressField
from crossdock.companies.models import Company
from crossdock.companies.rights import Role


class CompanyForm(forms.ModelForm):  # type: ignore[type-arg]
    """The company itself."""

    class Meta:
        model = Company
        fields = ["name", "time_zone", "base_currency", "ship_needs_verification"]
        help_texts = {
            "time_zone": "Such as Asia/Kuala_Lumpur. All days on the screen are days of this zone."
        }

    def clean_time_zone(self) -> str:
        """A zone of the tz database."""
        zone = str(self.cleaned_data["time_zone"]).strip()
        if zone not in available_timezones():
            raise forms.ValidationError(
                f"{zone!r} is no time zone. Enter one such as Asia/Kuala_Lumpur."
            )
        return zone

    def clean_base_currency(self) -> str:
        """Three capital letters."""
        currency = str(self.cleaned_data["base_currency"]).strip().upper()
        if len(currency) != 3 or not currency.isalpha():
            raise forms.ValidationError("Enter the three letters of the currency, such as MYR.")
        return currency


class InviteForm(forms.Form):
    """Somebody who is asked to join. No role is chosen beforehand."""

    email = AddressField()
    name = forms.CharField(label="Name", max_length=120)
    role = forms.ChoiceField(
        label="Role",
        choices=[("", "Choose a role"), *((role.value, role.value.title()) for role in Role)],
    )


class AddressForm(forms.Form):
    """The address that somebody wants to log in with."""

    email = AddressField(label="New address")
