"""Whether this process lives, asked by load balancers, container hosts and ``crossdock up``."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_GET

from crossdock.ui.away import works_without_database


@works_without_database
@require_GET
def healthz(request: HttpRequest) -> JsonResponse:
    """200 while this process answers, be the database there or not: restarting it would not help."""
    del request
    return JsonResponse({"status": "ok"})
