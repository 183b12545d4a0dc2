"""An order's documents: what would be posted, and the invoice as SQL Account prints it."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from crossdock.channels.errors import ChannelError
from crossdock.channels.patience import within
from crossdock.companies.entrance import needs
from crossdock.companies.rights import Deed
from crossdock.companies.types import CompanyRequest
from crossdock.orders.models import Order
from crossdock.posting.building import documents_of, may_be_posted
from crossdock.posting.connect import client_of
from crossdock.posting.mapping import Unmapped, connection
from crossdock.posting.models import PostedInvoice
from crossdock.posting.sqlaccount.documents import Kind
from crossdock.rules.invoice import CentGate
from crossdock.rules.invoice_lines import NoCode

_WHILE_A_PERSON_WAITS = 10.0


@require_GET
@needs(Deed.POST)
def preview(request: CompanyRequest, pk: int) -> HttpResponse:
    """The documents as they would go out now, or why they would not."""
    rows = Order.objects.select_related("store__company").prefetch_related("lines", "packages")
    order = get_object_or_404(rows, pk=pk)
    made, problem = None, ""
    try:
        made = documents_of(order)
    except (Unmapped, NoCode, CentGate) as words:
        problem = str(words)
    context = {
        "order": order,
        "made": made,
        "problem": problem,
        "verdict": may_be_posted(order),
        "posted": PostedInvoice.objects.filter(order=order).first(),
        "section": "posting",
    }
    return render(request, "posting/preview.html", context)


@require_GET
@needs(Deed.SEE_MONEY)
def pdf(request: CompanyRequest, pk: int) -> HttpResponse:
    """The invoice of an order as SQL Account prints it."""
    posted = get_object_or_404(PostedInvoice, order_id=pk, document_key__isnull=False)
    try:
        books = connection()
        with within(_WHILE_A_PERSON_WAITS):
            printed = client_of(books).pdf(
                Kind.INVOICE, posted.document_key or 0, books.pdf_template
            )
    except (ChannelError, Unmapped) as error:
        words = error.words if isinstance(error, ChannelError) else str(error)
        context = {"words": words, "posted": posted, "section": "posting"}
        return render(request, "posting/no_pdf.html", context, status=502)
    answer = HttpResponse(printed, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{posted.number}.pdf"'
    return answer
