"""Whether this installation is the only one of its kind: what a backup was restored into may be a second,
and what both of them send, pack or post is done twice.

One row in the database knows (``ops`` writes it). Until a person has confirmed that the other one is
off, nothing goes out: no call to a marketplace, to the books or for a picture, no renewed token, no
letter. The last doors ask here (``channels.wire``, ``letter_box``), and the rooms above ask before they
begin, so that work waits instead of failing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db.models import QuerySet, Subquery
from procrastinate import RetryDecision, RetryStrategy
from procrastinate.jobs import Job

from crossdock.channels.errors import NotAlone

COMMAND = "crossdock confirm-only-one"
NOTHING_GOES_OUT = (
    "Nothing is sent: this installation holds a copy of another one's data. Once the other one is off for good, "
    f"run {COMMAND}."
)
_SECONDS = 60
"""Between two looks of what waits."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of other installations with the same orders."""

    copy_of: datetime | None = None
    """The moment of the backup that this one was restored from, or when it was found to be a copy, while the
    other one may still run."""
    alone_since: datetime | None = None
    """When somebody last confirmed that the other one is off: what the database held before that, the
    other may have done as well."""


def standing() -> Standing:
    """How this installation stands."""
    found = _row().values_list("copy_of", "alone_since").first()
    return Standing(*found) if found else Standing()


def copy_of() -> Subquery:
    """``Standing.copy_of``, to be asked with something else."""
    return Subquery(_row().values("copy_of")[:1])


def _row() -> QuerySet[Any]:
    return apps.get_model("ops", "Installation")._default_manager.filter(pk=1)


def is_copy() -> bool:
    """Whether nothing may go out, since another installation may do the same."""
    return standing().copy_of is not None


def refuse_while_copy() -> None:
    """Raises NotAlone while nothing may go out."""
    if is_copy():
        raise NotAlone(NOTHING_GOES_OUT)


class Patiently(RetryStrategy):
    """Tries again as it is told to, but what may not go out yet waits, however long that is."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """When the job is tried again; None: never."""
        if isinstance(exception, NotAlone):
            return RetryDecision(retry_in={"seconds": _SECONDS})
        return super().get_retry_decision(exception=exception, job=job)
