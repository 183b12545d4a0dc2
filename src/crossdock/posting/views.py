"""The bookkeeper's pages: history, SKU codes, store codes, rates, the connection."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crossdock.companies.entrance import needs
from crossdock.companies.rights import Deed
from crossdock.companies.types import CompanyRequest
from crossdock.posting.connect import check
from crossdock.posting.forms import BooksForm, RateForm, StoreCodesForm
from crossdock.posting.jobs import read_books_codes
from crossdock.posting.mapping import (
    Unmapped,
    codes_like,
    equal_codes,
    map_equal_codes,
    map_sku,
    suggested,
)
from crossdock.posting.models import BooksCode, ExchangeRate, SkuCode, SqlAccount, StoreCodes
from crossdock.posting.seen import MOST_COUNTED, seen
from crossdock.posting.status import posting_status
from crossdock.stores.models import Store
from crossdock.ui.sent import key_of, text_of
from crossdock.work.batch import progress
from crossdock.work.models import Batch


@require_GET
@needs(Deed.SEE_MONEY)
def runs(request: CompanyRequest) -> HttpResponse:
    """The posting history: every run with its outcome."""
    newest = Batch.objects.filter(action="post").select_related("person").order_by("-pk")[:30]
    context = {
        "rows": [(batch, progress(batch)) for batch in newest],
        "posting_status": posting_status(),
        "books": SqlAccount.objects.first(),
        "section": "posting",
    }
    return render(request, "posting/runs.html", context)


@require_GET
@needs(Deed.SEE_MONEY)
def icon(request: CompanyRequest) -> HttpResponse:
    """The icon beside Post Order, asked for again while a run is open."""
    return render(request, "posting/_icon_link.html", {"posting_status": posting_status()})


@require_http_methods(["GET", "POST"])
@needs(Deed.POST)
def books(request: CompanyRequest) -> HttpResponse:
    """The connection to SQL Account."""
    held = SqlAccount.objects.first()
    form = BooksForm(request.company, held, request.POST or None)
    if request.method == "POST" and form.is_valid() and (connected := form.save()):
        read_books_codes.defer(company_id=request.company.pk)
        messages.success(
            request, f"{connected.books_name} is connected, and its codes are being read."
        )
        return redirect("posting:books", request.company.slug)
    return render(
        request, "posting/books.html", {"form": form, "books": held, "section": "posting"}
    )


@require_POST
@needs(Deed.POST)
def read_codes(request: CompanyRequest) -> HttpResponse:
    """Read what has changed of the codes, or (``whole``) all of them again."""
    whole = text_of(request.POST, "whole") == "1"
    read_books_codes.defer(company_id=request.company.pk, whole=whole)
    what = "All codes are" if whole else "What has changed is"
    messages.success(request, f"{what} being read from SQL Account.")
    return redirect("posting:skus", request.company.slug)


@require_POST
@needs(Deed.POST)
def test_connection(request: CompanyRequest) -> HttpResponse:
    """Ask the books for their version and company name again."""
    held = SqlAccount.objects.first()
    if held is None:
        messages.error(request, "Enter the keys first, then press Connect.")
    elif check(held).trouble:
        messages.error(request, held.trouble)
    else:
        messages.success(request, f"{held.books_name} answers (version {held.version}).")
    return redirect("posting:books", request.company.slug)


@require_http_methods(["GET", "POST"])
@needs(Deed.POST)
def skus(request: CompanyRequest) -> HttpResponse:
    """Which stock item every SKU stands for; unmapped ones first."""
    previews = request.method == "POST" and "preview" in request.POST
    if request.method == "POST" and not previews:
        _map(request)
        if order := key_of(request.POST, "from"):
            return redirect("desk:order", request.company.slug, order)
        return redirect("posting:skus", request.company.slug)
    typed = text_of(request.GET, "q").strip()
    found, without = seen(typed)
    shown = SkuCode.objects.filter(sku__in=[row.sku for row in found])
    codes = {code.sku: code for code in shown.prefetch_related("parts")}
    context = {
        "rows": [(row, codes.get(row.sku)) for row in found],
        "most_counted": MOST_COUNTED,
        "q": typed,
        "unmapped": without,
        "equal": equal_codes() if previews else None,
        "section": "posting",
    }
    return render(request, "posting/skus.html", context)


@require_http_methods(["GET", "POST"])
@needs(Deed.POST)
def store_codes(request: CompanyRequest, pk: int | None = None) -> HttpResponse:
    """What each store's orders are posted under. ``like``: stores without codes are shown with those of
    this store, to be looked at and saved."""
    stores = Store.objects.filter(unlinked_at__isnull=True).order_by("name")
    chosen = get_object_or_404(stores, pk=pk) if pk is not None else None
    held = {codes.store_id: codes for codes in StoreCodes.objects.all()}
    like = key_of(request.GET, "like")
    model = next((codes for codes in held.values() if codes.store_id == like), None)
    suggest = reverse("posting:suggest", args=[request.company.slug])
    forms = []
    for store in stores:
        codes = held.get(store.pk) or codes_like(model, store)
        mine = request.POST if store == chosen and request.method == "POST" else None
        form = StoreCodesForm(mine, instance=codes, prefix=f"store-{store.pk}", suggest=suggest)
        forms.append((store, form))
    if request.method == "POST" and chosen is not None:
        form = next(form for store, form in forms if store == chosen)
        if form.is_valid():
            form.save()
            messages.success(request, f"The codes of {chosen.name} are saved.")
            return redirect("posting:stores", request.company.slug)
    context = {
        "forms": forms,
        "lists": [(kind, suggested(kind, "")) for kind in BooksCode.Kind],
        "without": sum(store.pk not in held for store in stores),
        "section": "posting",
    }
    return render(request, "posting/stores.html", context)


@require_http_methods(["GET", "POST"])
@needs(Deed.POST)
def rates(request: CompanyRequest) -> HttpResponse:
    """The bookkeeper's exchange rates."""
    form = RateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        entered = form.cleaned_data
        ExchangeRate.objects.update_or_create(
            company=request.company,
            currency=entered["currency"],
            valid_from=entered["valid_from"],
            defaults={"rate": entered["rate"]},
        )
        messages.success(request, "Saved.")
        return redirect("posting:rates", request.company.slug)
    rows = ExchangeRate.objects.order_by("currency", "-valid_from")
    return render(
        request, "posting/rates.html", {"form": form, "rates": rows, "section": "posting"}
    )


def _map(request: CompanyRequest) -> None:
    if "equal" in request.POST:
        number = map_equal_codes(request.company.pk)
        messages.success(request, f"{number} SKUs are mapped to stock items of the same code.")
        return
    sku, item = text_of(request.POST, "sku"), text_of(request.POST, "item").strip()
    try:
        map_sku(sku, item, company_id=request.company.pk)
        messages.success(
            request, f"{sku} stands for {item}. Orders refused for it can be posted again."
        )
    except Unmapped as problem:
        messages.error(request, str(problem))
