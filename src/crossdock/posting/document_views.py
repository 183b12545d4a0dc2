"""An order's documents: what would be posted, and the invoice as SQL Account prints it."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from crossdock.channels.errors import ChannelError, NotFound
from crossdock.channels.patience import WHILE_A_PERSON_WAITS, within
from crossdock.companies.entrance import needs
from crossdock.companies.rights import Deed
from crossdock.companies.types import CompanyRequest
from crossdock.orders.models import Order
from crossdock.posting.building import documents_of, may_be_posted
from crossdock.posting.connect import client_of
from crossdock.posting.mapping import Unmapped, connection
from crossdock.posting.models import PostedInvoice, SqlAccount
from crossdock.posting.ours import Part, find
from crossdock.posting.sqlaccount.documents import Kind, key_of
from crossdock.rules.invoice import CentGate
from crossdock.rules.invoice_lines import NoCode


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
    rows = PostedInvoice.objects.select_related("order")
    posted = get_object_or_404(rows, order_id=pk, posted_at__isnull=False)
    try:
        books = connection()
        with within(WHILE_A_PERSON_WAITS):
            printed = _printed(books, posted)
    except (ChannelError, Unmapped) as error:
        words = error.words if isinstance(error, ChannelError) else str(error)
        context = {"words": words, "posted": posted, "section": "posting"}
        return render(request, "posting/no_pdf.html", context, status=502)
    answer = HttpResponse(printed, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{posted.number}.pdf"'
    return answer


def _printed(books: SqlAccount, posted: PostedInvoice) -> bytes:
    """Our invoice, never another document that has come to stand in its place. Raises ``channels.errors``."""
    client = client_of(books)
    part = Part(
        "invoice",
        Kind.INVOICE,
        None,
        posted.number,
        key=posted.key_in(books.era),
        was_posted=True,
        customers=posted.customers or None,
    )
    held = find(client, part, posted.order)
    if held is None:
        raise NotFound(f"SQL Account holds no invoice {posted.number}.")
    return client.pdf(Kind.INVOICE, key_of(held), books.pdf_template)
