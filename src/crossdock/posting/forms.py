"""What the bookkeeper enters: keys, store codes, SKU codes, rates."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from crossdock.companies.models import Company
from crossdock.companies.sealing import WrongKey, open_sealed, seal
from crossdock.posting.connect import NotConnected, OtherBooks, connect
from crossdock.posting.models import (
    BooksCode,
    DocumentDate,
    ExchangeRate,
    PostWhen,
    SqlAccount,
    StoreCodes,
)

_CHOICES = ("document_date", "conversion_date", "post_when", "include_cancelled", "pdf_template")
"""What is chosen beside the keys."""


class BooksForm(forms.Form):
    """The key pair of one SQL Account database."""

    base_url = forms.URLField(
        label="Server address", initial="https://api.sql.my", assume_scheme="https", max_length=200
    )
    access_key = forms.CharField(label="Access key", max_length=100, strip=True)
    secret_key = forms.CharField(
        label="Secret key",
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="Shown once by SQL Account when it is generated. Leave empty to keep the one at hand.",
    )
    region = forms.CharField(label="Region", initial="ap-southeast-5", max_length=40)
    service = forms.CharField(label="Service", initial="sqlaccount", max_length=40)
    document_date = forms.ChoiceField(label="Invoices carry", choices=DocumentDate.choices)
    conversion_date = forms.DateField(
        label="System conversion date",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="The first day of these books: orders created before it are not posted.",
    )
    post_when = forms.ChoiceField(label="Orders are posted", choices=PostWhen.choices)
    include_cancelled = forms.BooleanField(
        label="Include cancelled orders",
        required=False,
        initial=True,
        help_text="An order that is cancelled after it was posted has its invoice cancelled when it is posted "
        "again. Without this its invoice stays as it is, and the run tells that it was left out.",
    )
    post_fees = forms.BooleanField(
        label="Post the marketplace's fees too",
        required=False,
        help_text="Lines for shipping and each fee follow the goods as soon as the marketplace tells them, and "
        "the invoice is what it pays out. Needs the item codes for Shipping and Transaction, or for whatever else.",
    )
    pdf_template = forms.CharField(
        label="Report that prints invoices",
        initial="Sales Invoice 8 (SST 1)",
        max_length=80,
        help_text="The name of a report in SQL Account.",
    )

    def __init__(
        self, company: Company, books: SqlAccount | None, *args: Any, **kwargs: Any
    ) -> None:
        self.company = company
        self.books = books
        self._asked: OtherBooks | None = None
        self.sealed_secret = ""
        """The secret key, so that it need not be entered again with the answer."""
        if books is not None:
            kwargs.setdefault(
                "initial",
                {name: getattr(books, name) for name in self.base_fields if hasattr(books, name)},
            )
        super().__init__(*args, **kwargs)

    @property
    def asked(self) -> OtherBooks | None:
        """What a person must say yes to first: the books that answer are others than before."""
        if self._asked is None and self.books is not None and self.books.others is not None:
            return OtherBooks(self.books.nameplate, self.books.others)
        return self._asked

    def clean_secret_key(self) -> str:
        """The secret entered (or entered before it was asked about other books), or the one at hand when
        the field was left empty."""
        entered = str(self.cleaned_data["secret_key"]).strip()
        if entered:
            return entered
        if sealed := self.data.get("sealed_secret", ""):
            try:
                return open_sealed(sealed.encode())
            except WrongKey:
                raise forms.ValidationError("Enter the secret key again.") from None
        if self.books is None or not self.books.secret_key_sealed:
            raise forms.ValidationError(
                "Enter the secret key that SQL Account showed with the access key."
            )
        return open_sealed(bytes(self.books.secret_key_sealed))

    def save(self) -> SqlAccount | None:
        """Connect with what was entered; None when the keys open nothing (an error on the form) or other
        books than before (``asked``), to which nobody has said yes."""
        entered = dict(self.cleaned_data)
        posts_fees = entered.pop("post_fees")
        chosen = {name: entered.pop(name) for name in _CHOICES}
        try:
            books = connect(self.company, **entered, confirmed=self.data.get("confirmed", ""))
        except NotConnected as refusal:
            self.add_error(None, str(refusal))
            return None
        except OtherBooks as others:
            self._asked, self.sealed_secret = others, seal(entered["secret_key"]).decode()
            return None
        for name, value in chosen.items():
            setattr(books, name, value)
        if posts_fees != books.post_fees:
            books.fees_since = timezone.now() if posts_fees else None
        books.save(update_fields=[*_CHOICES, "fees_since"])
        return books


class StoreCodesForm(forms.ModelForm):  # type: ignore[type-arg]
    """What one store's orders are posted under. Codes are checked against the books as last read."""

    KINDS = {
        "customer": BooksCode.Kind.CUSTOMER,
        "location": BooksCode.Kind.LOCATION,
        "project": BooksCode.Kind.PROJECT,
        "discount_item": BooksCode.Kind.ITEM,
        "voucher_item": BooksCode.Kind.ITEM,
        "shipping_item": BooksCode.Kind.ITEM,
        "transaction_item": BooksCode.Kind.ITEM,
        "default_item": BooksCode.Kind.ITEM,
        "tax": BooksCode.Kind.TAX,
    }

    class Meta:
        model = StoreCodes
        fields = [
            "customer",
            "location",
            "project",
            "discount_item",
            "voucher_item",
            "shipping_item",
            "transaction_item",
            "default_item",
            "tax",
        ]
        labels = {"default_item": "Item for whatever else", "tax": "Tax code of the goods"}
        help_texts = {
            "default_item": "Stands in for those of the four above that are empty.",
            "tax": "Only where the prices include sales tax; empty for most sellers.",
        }

    def __init__(self, *args: Any, suggest: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, kind in self.KINDS.items():
            self.fields[name].widget.attrs |= {
                "list": f"codes-{kind}",
                "autocomplete": "off",
                "hx-get": f"{suggest}?kind={kind}",
                "hx-trigger": "input changed delay:200ms",
                "hx-target": f"#codes-{kind}",
            }

    def clean(self) -> dict[str, Any]:
        """Every code that was entered must exist in the books."""
        cleaned = super().clean() or {}
        for name, kind in self.KINDS.items():
            code = cleaned.get(name)
            if code and not BooksCode.objects.filter(kind=kind, code=code).exists():
                self.add_error(
                    name,
                    f"SQL Account has no {kind.label} {code!r}. Read the codes again if it is new.",
                )
        return cleaned


class RateForm(forms.ModelForm):  # type: ignore[type-arg]
    """A rate from a day on."""

    class Meta:
        model = ExchangeRate
        fields = ["currency", "valid_from", "rate"]
        widgets = {"valid_from": forms.DateInput(attrs={"type": "date"})}

    def clean_currency(self) -> str:
        """A three-letter code in capitals."""
        currency = str(self.cleaned_data["currency"]).strip().upper()
        if len(currency) != 3 or not currency.isalpha():
            raise forms.ValidationError("Enter the three letters of the currency, such as SGD.")
        return currency
