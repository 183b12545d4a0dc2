"""Which days are proved complete by themselves: yesterday every night, the last 15 days every Sunday.

Begun when it is 2 o'clock in the company's zone, or later where nothing ran at that hour. A day is
checked once a night: late changes of yesterday's orders come by the regular sync, what is proved
here is that no order is missing. The weekly round finds what went missing later, such as rows that
somebody deleted.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from crossdock.stores.models import Store
from crossdock.sync.begin import may_run
from crossdock.sync.completeness import begin_checks
from crossdock.sync.days import beginning, days
from crossdock.sync.models import DayCheck

BEGINS_AT = 2
"""The hour of the company's day."""
WEEKLY_ON = 6
"""Sunday, as ``datetime.weekday`` counts."""
WEEKLY_DAYS = 15


def begin_nightly(store: Store, now: datetime | None = None) -> list[DayCheck]:
    """Begin what is due for a store tonight; what was begun is not begun again."""
    if not may_run(store) or store.synced_until is None:
        return []
    zone = store.company.zone
    local = (now or timezone.now()).astimezone(zone)
    if local.hour < BEGINS_AT:
        return []
    yesterday = local.date() - timedelta(days=1)
    begun = DayCheck.objects.filter(
        store=store, day=yesterday, started_at__gte=beginning(local.date(), zone)
    ).exclude(why=DayCheck.Why.ASKED)
    if begun.exists():
        return []
    if local.weekday() == WEEKLY_ON:
        first = yesterday - timedelta(days=WEEKLY_DAYS - 1)
        return begin_checks(store, days(first, yesterday), DayCheck.Why.WEEKLY)
    return begin_checks(store, [yesterday], DayCheck.Why.NIGHTLY)
