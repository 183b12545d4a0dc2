"""How a company wants its papers, with a preview of what it asks for."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from crossdock.companies.entrance import needs
from crossdock.companies.rights import Deed
from crossdock.companies.types import CompanyRequest
from crossdock.papers.forms import PaperForm
from crossdock.papers.models import Kind
from crossdock.papers.sample import sample
from crossdock.papers.stamp import settings_of
from crossdock.papers.typeset import first_page
from crossdock.ui.sent_size import takes_files


@require_http_methods(["GET", "POST"])
@needs(Deed.ADMINISTER)
@takes_files(megabytes=6)
def paper_settings(request: CompanyRequest) -> HttpResponse:
    """Size, language, columns, sort and logo of the company's papers."""
    kept = settings_of(request.company)
    form = PaperForm.of(kept)
    if request.method == "POST":
        form = PaperForm(request.POST, request.FILES)
        if form.is_valid():
            form.put_into(kept).save()
            messages.success(request, "Papers are printed like this from now on.")
            return redirect("papers:settings", request.company.slug)
    context = {
        "form": form,
        "has_logo": bool(kept.logo),
        "kinds": list(Kind),
        "section": "settings",
    }
    return render(request, "papers/settings.html", context)


@require_GET
@needs(Deed.ADMINISTER)
def preview(request: CompanyRequest, kind: str) -> HttpResponse:
    """A made-up paper by the form as it stands (or as it is kept), as a picture."""
    if kind not in list(Kind):
        raise Http404("There is no such paper.")
    kept = settings_of(request.company)
    if request.GET:
        form = PaperForm(request.GET)
        if form.is_valid():
            form.put_into(kept)
    picture = first_page(kind, sample(Kind(kind), request.company, kept))
    answer = HttpResponse(picture, content_type="image/png")
    answer["Cache-Control"] = "private, no-store"
    return answer
