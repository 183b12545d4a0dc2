"""Another try for a paper that could not be made."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from crossdock.companies.entrance import needs
from crossdock.companies.rights import Deed
from crossdock.companies.types import CompanyRequest
from crossdock.papers.jobs import defer_making
from crossdock.papers.models import Paper
from crossdock.papers.waiting import ask_again


@require_POST
@needs(Deed.FULFIL)
def again(request: CompanyRequest, pk: int) -> HttpResponse:
    """Have it tried anew; pressed twice, it is one try."""
    with transaction.atomic():
        paper = get_object_or_404(Paper.objects.select_for_update(), pk=pk)
        if paper.failed_words:
            ask_again(paper)
            defer_making(paper)
    return redirect("papers:paper", request.company.slug, pk)
