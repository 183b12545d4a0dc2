"""Whether this database was brought here past ``crossdock restore``: by ``pg_restore``, or as a copy."""

from __future__ import annotations

from django.db import connection
from django.db.models.functions import Coalesce, Now

from crossdock.ops.models import Installation

_HERE = """
SELECT system_identifier || '/' || (SELECT oid FROM pg_database WHERE datname = current_database())
FROM pg_control_system()
"""
"""A database's own name: its cluster's, and its number there. A replica that takes over keeps both."""


def look_whether_it_was_moved() -> None:
    """Let nothing go out from a database that lives elsewhere than it did, until a person confirms that
    it is the only one: the database that it was made from may be at work."""
    here = _here()
    Installation.objects.filter(lives_in="").update(lives_in=here)
    Installation.objects.exclude(lives_in=here).update(
        copy_of=Coalesce("copy_of", Now()), lives_in=here
    )


def settle_here() -> None:
    """Note that the database lives here from now on."""
    Installation.objects.update(lives_in=_here())


def _here() -> str:
    with connection.cursor() as cursor:
        cursor.execute(_HERE)
        (here,) = cursor.fetchone()
    return str(here)
