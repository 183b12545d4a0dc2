"""Calls about many ids, of which Shopee may not know one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from crossdock.channels.errors import Refused
from crossdock.channels.reading import Row
from crossdock.channels.shopee.refusals import is_about_ids


def apart(
    ask: Callable[[Sequence[str]], Sequence[Row]], ids: Sequence[str]
) -> tuple[list[Row], dict[str, Refused]]:
    """What a call about many ids answers, and the refusals of those that it does not know.

    One wrong id can spoil the whole call: then halves are asked until it stands alone, so that the
    others are read. Raises what is not about the ids.
    """
    if not ids:
        return [], {}
    try:
        return list(ask(ids)), {}
    except Refused as refusal:
        if not is_about_ids(refusal):
            raise
        if len(ids) == 1:
            return [], {ids[0]: refusal}
    middle = len(ids) // 2
    first, refused = apart(ask, ids[:middle])
    second, more = apart(ask, ids[middle:])
    return first + second, refused | more
