"""Papers for those who print: the list of what was made, a paper being made, and its PDF."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET

from crossdock import filing
from crossdock.companies.entrance import needs
from crossdock.companies.rights import Deed
from crossdock.companies.types import CompanyRequest
from crossdock.papers.making import file_of, make_anew
from crossdock.papers.manifests import is_stale
from crossdock.papers.models import Paper
from crossdock.ui.sent import text_of

_ROWS = 50


@require_GET
@needs(Deed.FULFIL)
def papers(request: CompanyRequest) -> HttpResponse:
    """What was made, newest first, to be printed again."""
    rows = Paper.objects.select_related("person").order_by("-pk")
    page = Paginator(rows, _ROWS).get_page(text_of(request.GET, "page"))
    return render(request, "papers/papers.html", {"page": page, "section": "papers"})


@require_GET
@needs(Deed.FULFIL)
def paper(request: CompanyRequest, pk: int) -> HttpResponse:
    """The way to a paper's PDF: waits while it is made, says why where it could not be. A manifest some of
    whose parcels died since is made anew."""
    found = get_object_or_404(Paper.objects.select_related("person"), pk=pk)
    if is_stale(found):
        make_anew(found)
        found.refresh_from_db()
    if file_of(found) is not None:
        return redirect("papers:paper_pdf", request.company.slug, pk)
    return render(request, "papers/paper.html", {"paper": found, "section": "papers"})


@require_GET
@needs(Deed.FULFIL)
def paper_pdf(request: CompanyRequest, pk: int) -> HttpResponseBase:
    """A paper's PDF, shown in the browser so that it can be printed."""
    found = get_object_or_404(Paper, pk=pk)
    if is_stale(found):
        return redirect("papers:paper", request.company.slug, pk)
    return shown(file_of(found), f"{found}.pdf", "This paper is not kept any more: print it again.")


def shown(file: str | None, name: str, missing: str) -> FileResponse:
    """A PDF, shown in the browser; kept by nobody on the way. Raises Http404 where there is none."""
    if file is None:
        raise Http404(missing)
    answer = FileResponse(filing.opened(file), content_type="application/pdf", filename=name)
    answer["Cache-Control"] = "private, no-store"
    return answer
