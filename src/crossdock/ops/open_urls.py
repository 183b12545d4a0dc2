"""The addresses of this room: for probes and metrics, and for whoever makes the first owner."""

from django.urls import path

from crossdock.ops import first_owner, health, metrics

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("first-owner/<str:token>/", first_owner.first_owner, name="first-owner"),
    path("metrics", metrics.metrics, name="metrics"),
]
