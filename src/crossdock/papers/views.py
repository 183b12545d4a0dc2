"""The PDF of a Print AWB batch, for those who print."""

from __future__ import annotations

from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from crossdock.companies.entrance import needs
from crossdock.companies.rights import Deed
from crossdock.companies.types import CompanyRequest
from crossdock.papers.awb import product_file
from crossdock.work.models import Batch


@require_GET
@needs(Deed.FULFIL)
def awb(_request: CompanyRequest, pk: int) -> FileResponse:
    """The merged labels of a batch, shown in the browser so that they can be printed."""
    batch = get_object_or_404(Batch.objects.filter(action="print_awb"), pk=pk)
    file = product_file(batch)
    if file is None:
        raise Http404("This batch has no labels (any more): print them again.")
    answer = FileResponse(
        file.open("rb"), content_type="application/pdf", filename=f"awb-{batch.pk}.pdf"
    )
    answer["Cache-Control"] = "private, no-store"
    return answer
