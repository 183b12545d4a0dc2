"""A picture, for the browser."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from crossdock import filing
from crossdock.companies.entrance import needs
from crossdock.companies.rights import Deed
from crossdock.companies.types import CompanyRequest
from crossdock.pictures.files import name_of
from crossdock.pictures.models import Picture

_A_YEAR = 365 * 24 * 3600


@require_GET
@needs(Deed.SEE_ORDERS)
def picture(_request: CompanyRequest, pk: int, size: int) -> HttpResponse:
    """One of a picture's squares. It never changes: another file has another number."""
    found = get_object_or_404(Picture.objects.filter(fetched_at__isnull=False), pk=pk)
    try:
        body = filing.read(name_of(found, size))
    except FileNotFoundError:
        raise Http404("This picture is not kept any more.") from None
    answer = HttpResponse(body, content_type="image/webp")
    answer["Cache-Control"] = f"private, max-age={_A_YEAR}, immutable"
    return answer
