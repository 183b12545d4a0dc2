"""Figures for Prometheus: how much is queued, how fresh the stores are, what webhooks came."""

from __future__ import annotations

import hmac

from django.conf import settings
from django.db.models import Count, Min, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET
from prometheus_client import CollectorRegistry, Gauge, generate_latest

from crossdock.companies.scope import all_companies
from crossdock.stores.models import Store
from crossdock.sync.models import Counter
from crossdock.work.models import OPEN, Attempt


@require_GET
def metrics(request: HttpRequest) -> HttpResponse:
    """The figures, for those who know the token (CROSSDOCK_METRICS_TOKEN); 404 without one."""
    token = settings.CONFIG.metrics_token
    sent = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not token or not hmac.compare_digest(sent.encode(), token.encode()):
        raise Http404
    return HttpResponse(generate_latest(_figures()), content_type="text/plain; version=0.0.4")


def _figures() -> CollectorRegistry:
    registry = CollectorRegistry()
    attempts = Gauge("crossdock_attempts", "Open attempts", ["state"], registry=registry)
    lag = Gauge(
        "crossdock_sync_lag_seconds", "Since the stalest store's last success", registry=registry
    )
    relink = Gauge(
        "crossdock_stores_to_link_again", "Stores whose token is dead", registry=registry
    )
    webhooks = Gauge(
        "crossdock_webhooks", "Webhooks that came, by result", ["result"], registry=registry
    )
    with all_companies():
        for state, number in (
            Attempt.objects.filter(state__in=OPEN).values_list("state").annotate(number=Count("pk"))
        ):
            attempts.labels(state).set(number)
        alive = Store.objects.filter(unlinked_at__isnull=True, paused_at__isnull=True)
        oldest = alive.aggregate(oldest=Min("sync_succeeded_at"))["oldest"]
        lag.set((timezone.now() - oldest).total_seconds() if oldest else 0)
        relink.set(alive.exclude(token_dead_words="").count())
    for name, number in Counter.objects.values_list("name").annotate(total=Sum("number")):
        webhooks.labels(name).set(number)
    return registry
