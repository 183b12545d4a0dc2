"""What the login library counts (tries, used codes), for all processes alike and over restarts."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import connection
from django.utils import timezone
from django.utils.crypto import salted_hmac

from crossdock.companies.models import Tally

_FOREVER = datetime.max.replace(tzinfo=UTC)


class SharedTallies(BaseCache):
    """Django's cache, in rows of the database. Values are JSON; keys are hashed, since they hold
    addresses and codes. ``add`` lets one of many win."""

    def __init__(self, _location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def add(
        self,
        key: str,
        value: Any,
        timeout: float | None = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> bool:
        """Keep this unless something is kept; whether it was."""
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO companies_tally AS old (key, value, until) VALUES (%s, %s, %s) "
                "ON CONFLICT (key) DO UPDATE SET value = excluded.value, until = excluded.until "
                "WHERE old.until <= now()",
                [self._hashed(key, version), json.dumps(value), self._until(timeout)],
            )
            return bool(cursor.rowcount)

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        """What is kept, or the default."""
        kept = Tally.objects.filter(key=self._hashed(key, version), until__gt=timezone.now())
        found = list(kept.values_list("value", flat=True))
        return found[0] if found else default

    def set(
        self,
        key: str,
        value: Any,
        timeout: float | None = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> None:
        """Keep this instead."""
        Tally.objects.update_or_create(
            key=self._hashed(key, version),
            defaults={"value": value, "until": self._until(timeout)},
        )

    def touch(
        self, key: str, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        """Keep it for another while; whether there was something."""
        kept = Tally.objects.filter(key=self._hashed(key, version), until__gt=timezone.now())
        return bool(kept.update(until=self._until(timeout)))

    def delete(self, key: str, version: int | None = None) -> bool:
        """Forget it; whether there was something."""
        gone, _ = Tally.objects.filter(key=self._hashed(key, version)).delete()
        return bool(gone)

    def clear(self) -> None:
        """Forget all."""
        Tally.objects.all().delete()

    def _hashed(self, key: str, version: int | None) -> str:
        whole = self.make_and_validate_key(key, version=version)
        return salted_hmac("crossdock.companies.limits", whole, algorithm="sha256").hexdigest()

    def _until(self, timeout: float | None) -> datetime:
        at = self.get_backend_timeout(timeout)
        return _FOREVER if at is None else datetime.fromtimestamp(at, UTC)
