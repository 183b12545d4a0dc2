"""Keeps strangers from filling the log: what wrong requests cause costs a line, and no more than one a minute of
a kind, which is followed by how many more there were."""

from __future__ import annotations

import logging
import threading
from collections import Counter

_MINUTE = 60.0
_LONGEST = 300
"""Characters of such a line: it repeats what the request said."""
_MANY = frozenset({400, 401, 413})
"""Answers to what no page and no marketplace of ours sends: wrong hosts, forged messages, broken or large bodies."""

log = logging.getLogger("crossdock.refused")


class Quiet(logging.Filter):
    """On a handler: shortens what is said of requests that were refused, and counts the same of a minute."""

    def __init__(self, minute: float = _MINUTE) -> None:
        super().__init__()
        self.minute = minute
        self._lock = threading.Lock()
        self._more: Counter[str] = Counter()
        """Kind → how many more there were since its line; kinds without a line of late are not in it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is written. Those of errors of ours are left as they are."""
        status = getattr(record, "status_code", None)
        by_others = record.name.startswith("django.security")
        if not by_others and not (record.name == "django.request" and status and status < 500):
            return True
        record.msg, record.args = record.getMessage()[:_LONGEST], None
        record.exc_info = record.exc_text = record.stack_info = None
        if not by_others and status not in _MANY:
            return True
        return self._is_first(record.name if by_others else f"answered {status}")

    def _is_first(self, kind: str) -> bool:
        with self._lock:
            if kind in self._more:
                self._more[kind] += 1
                return False
            self._more[kind] = 0
        told = threading.Timer(self.minute, self._tell, [kind])
        told.daemon = True
        told.start()
        return True

    def _tell(self, kind: str) -> None:
        with self._lock:
            more = self._more.pop(kind, 0)
        if more:
            log.warning("%s more within a minute: %s", more, kind)
