"""The keys of an installation: which there are, making a new one, and going on without lost ones."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress

from django.conf import settings
from django.db import transaction

from crossdock.companies.sealing import WrongKey, opens, places, sealed_anew, sealing_key
from crossdock.keys_file import (
    Keys,
    id_of,
    keys_file,
    read,
    replace,
    with_new_key,
    with_newest_only,
)
from crossdock.ops.processes import StartFailed

WAY_OUT = "Put the file back that belongs to this database; where it is lost for good, run crossdock keys lost."

_SECONDS = 1.0


class KeysRefused(StartFailed):
    """Nothing was changed; the message says why and what to do."""


def shown() -> Iterator[str]:
    """A line for each key, never with the key itself; and what cannot be opened."""
    keys, used = _at_hand(), Counter[str]()
    for place in places():
        for value in place.values():
            key = sealing_key(value)
            used[id_of(key) if key else ""] += 1
    lost = used.pop("", 0)
    yield f"{keys_file(settings.DATA_DIR)}: keep a copy elsewhere; it is in no backup."
    for number, key in enumerate(keys.token_keys):
        made = keys.made.get(id_of(key))
        does = "seals and opens" if number == 0 else "opens only"
        day = f"made {made}" if made else "made before dates were kept"
        yield f"{id_of(key)}  {day}  {does}; {used[id_of(key)]} secrets are sealed with it"
    yield f"{id_of(keys.django_secret)}  signs sessions and links"
    if lost:
        yield f"{lost} secrets open with none of these keys. {WAY_OUT}"


def rotate() -> Iterator[str]:
    """Make a new key, seal everything with it, and drop the old ones; tells what was done.

    A rotation that was cut off is gone on with: no further key is made. Raises KeysRefused.
    """
    file, keys = keys_file(settings.DATA_DIR), _at_hand()
    if lost := lost_ones():
        raise KeysRefused(f"{len(lost)} secrets open with none of the keys at hand. {WAY_OUT}")
    if len(keys.token_keys) == 1:
        keys = with_new_key(keys)
        replace(file, keys)
        yield f"New key {id_of(keys.token_keys[0])}."
    else:
        yield f"An earlier rotation is gone on with: key {id_of(keys.token_keys[0])}."
    while count := _seal_anew(keys.token_keys[0]):
        yield f"{count} secrets were sealed anew."
        time.sleep(
            _SECONDS
        )  # who sealed with the old key just before the file changed writes it now
    replace(file, with_newest_only(keys))
    old = ", ".join(id_of(key) for key in keys.token_keys[1:])
    yield f"Dropped: {old}. Keep a copy of {file} elsewhere, and the one of before with the backups of before."


def lost_ones() -> list[bytes]:
    """The sealed secrets that no key at hand opens."""
    return [value for place in places() for value in place.values() if not opens(value)]


def go_on_without() -> Iterator[str]:
    """Drop what no key at hand opens; a sentence for each whom that affects. Raises KeysRefused."""
    lost = lost_ones()
    if not lost:
        raise KeysRefused("Nothing is lost: the keys at hand open every secret of this database.")
    with transaction.atomic():
        told = [words for place in places() for words in place.give_up(lost)]
    yield from told


def _seal_anew(newest: str) -> int:
    """Seal with the newest key whatever is not; how many. What is written meanwhile stays as written."""
    count = 0
    for place in places():
        for value in place.values():
            if sealing_key(value) != newest:
                with suppress(WrongKey):
                    place.replace(value, sealed_anew(value))
                    count += 1
    return count


def _at_hand() -> Keys:
    return read(keys_file(settings.DATA_DIR))
