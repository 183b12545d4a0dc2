"""The mapping as a spreadsheet: export, dry run, import; a bundle's page; codes as they are typed."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from crossdock.companies.entrance import needs
from crossdock.companies.rights import Deed
from crossdock.companies.types import CompanyRequest
from crossdock.posting.importing import begin, keep
from crossdock.posting.jobs import import_sheet
from crossdock.posting.mapping import suggested
from crossdock.posting.mapping_sheet import (
    LARGEST,
    BadSheet,
    Change,
    as_sheet,
    checked,
    dry_run,
    set_parts,
)
from crossdock.posting.models import BooksCode, MappingSheet, SkuCode
from crossdock.ui.sent import text_of, texts_of
from crossdock.ui.sent_size import takes_files

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SHOWN = 500
_BUNDLE_ROWS = 6


@require_GET
@needs(Deed.POST)
def export_skus(request: CompanyRequest) -> HttpResponse:
    """All SKUs with their stock items, as XLSX."""
    answer = HttpResponse(as_sheet(), content_type=_XLSX)
    answer["Content-Disposition"] = f'attachment; filename="skus-{request.company.slug}.xlsx"'
    return answer


@require_http_methods(["GET", "POST"])
@needs(Deed.POST)
@takes_files(megabytes=20)
def import_skus(request: CompanyRequest) -> HttpResponse:
    """Choose a sheet, and see what it would change."""
    context: dict[str, object] = {"section": "posting"}
    sheet = request.FILES.get("sheet")
    if request.method == "POST" and sheet is not None:
        try:
            content = sheet.read(LARGEST + 1)
            entries = dry_run(content)
        except BadSheet as problem:
            context["problem"] = str(problem)
        else:
            counts = {change: sum(one.change is change for one in entries) for change in Change}
            shown = [one for one in entries if one.change is not Change.SAME]
            shown.sort(key=lambda one: (one.change is not Change.WRONG, one.row))
            context |= {
                "entries": shown[:_SHOWN],
                "counts": counts.items(),
                "kept": keep(request.company, request.user, content, entries),
            }
    elif request.method == "POST":
        context["problem"] = "Choose a file first."
    return render(request, "posting/import.html", context)


@require_http_methods(["GET", "POST"])
@needs(Deed.POST)
def imported(request: CompanyRequest, pk: int) -> HttpResponse:
    """Have a sheet imported exactly as it was shown; how far that is."""
    sheet = get_object_or_404(MappingSheet.objects.defer("content"), pk=pk)
    if request.method == "POST":
        with transaction.atomic():
            if begin(sheet):
                import_sheet.defer(company_id=request.company.pk, sheet_id=sheet.pk)
        return redirect("posting:imported", request.company.slug, pk)
    context = {"sheet": sheet, "section": "posting"}
    part = "posting/_imported.html" if request.htmx else "posting/imported.html"
    return render(request, part, context)


@require_http_methods(["GET", "POST"])
@needs(Deed.POST)
def bundle(request: CompanyRequest) -> HttpResponse:
    """Which stock items a SKU stands for (``?sku=``), how many of each, and for which part of its price."""
    sku = text_of(request.POST, "sku") or text_of(request.GET, "sku")
    names = ("item", "uom", "quantity", "share")
    columns = [texts_of(request.POST, name) for name in names]
    given = [tuple(cell.strip() for cell in row) for row in zip(*columns, strict=False)]
    given = [row for row in given if any(row)]
    problem = ""
    if request.method == "POST":
        items = BooksCode.objects.filter(
            kind=BooksCode.Kind.ITEM, code__in=[row[0] for row in given]
        )
        parts, problem = checked(given, {item.code: item for item in items})
        if not given or not sku:
            problem = "Enter the SKU and at least one stock item."
        if not problem:
            set_parts(sku, parts, request.company.pk)
            messages.success(request, f"{sku} stands for {len(parts)} stock items.")
            return redirect("posting:skus", request.company.slug)
    held = SkuCode.objects.filter(sku=sku).prefetch_related("parts").first()
    rows = given or _held_rows(held)
    blank = [("", "", "", "")] * max(_BUNDLE_ROWS - len(rows), 1)
    context = {"sku": sku, "rows": [*rows, *blank], "problem": problem, "section": "posting"}
    return render(request, "posting/bundle.html", context)


@require_GET
@needs(Deed.POST)
def suggest(request: CompanyRequest) -> HttpResponse:
    """Codes of a kind that match what is being typed, for the list under the field."""
    typed = next((text_of(request.GET, name) for name in request.GET if name != "kind"), "")
    kind = text_of(request.GET, "kind") or BooksCode.Kind.ITEM
    return render(request, "posting/_options.html", {"codes": suggested(kind, typed)})


def _held_rows(held: SkuCode | None) -> list[tuple[str, str, str, str]]:
    if held is None:
        return []
    parts = list(held.parts.all())
    if not parts:
        return [(held.item_code, held.uom, "1", "100")]
    return [
        (
            part.item_code,
            part.uom,
            f"{part.quantity.normalize():f}",
            f"{(part.share * 100).normalize():f}",
        )
        for part in parts
    ]
