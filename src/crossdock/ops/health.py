"""Whether this process lives and can serve: asked by load balancers, container hosts and ``crossdock up``."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_GET

from crossdock.ops import static_files
from crossdock.ui.away import works_without_database
from crossdock.work.times import times

_LEAST_ROOM = 100_000_000
"""Bytes that must be free where papers, labels and logs are written."""


@works_without_database
@require_GET
def healthz(request: HttpRequest) -> JsonResponse:
    """200 while this process answers, be the database there or not: restarting it would not help."""
    del request
    return JsonResponse({"status": "ok"})


@works_without_database
@require_GET
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when all that the pages need is there, else 503; each part with "ok" or what it lacks."""
    del request
    parts = dict(_parts())
    ready = all(told == "ok" for told in parts.values())
    return JsonResponse(
        {"status": "ok" if ready else "not ready", **parts}, status=200 if ready else 503
    )


def _parts() -> Iterator[tuple[str, str]]:
    try:
        yield "migrations", _migrations()
        yield "worker", _worker()
        yield "database", "ok"
    except DatabaseError:
        yield "database", "does not answer"
    yield "static_files", "ok" if static_files.are_made() else "missing, or of another version"
    free = shutil.disk_usage(settings.DATA_DIR).free
    yield "disk", "ok" if free >= _LEAST_ROOM else f"only {free // 1_000_000} MB are free"


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"{len(missing)} are missing: run crossdock migrate" if missing else "ok"


def _worker() -> str:
    """Whether any worker wrote its heartbeat lately."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => %s) LIMIT 1",
            [times().stalled],
        )
        return "ok" if cursor.fetchone() else "none gives a sign of life"
