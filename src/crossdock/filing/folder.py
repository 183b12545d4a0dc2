"""Files in the data folder: each written beside its place, and renamed when it is whole."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.utils._os import safe_join

from crossdock.filing import Kept

DRAFT = ".draft"
"""The end of the name of what is being written, or was when its process was killed."""


class Folder(FileSystemStorage):
    """The folder ``files`` of the data folder, which several hosts may share."""

    place = ""

    def path(self, name: str) -> str:
        """Where a file lies."""
        return safe_join(settings.MEDIA_ROOT, name)

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """The name that was asked for: it is ours."""
        return name

    def listed(self, folder: str) -> Iterator[Kept]:
        """All that is kept below a folder."""
        root = Path(settings.MEDIA_ROOT)
        for place, _, names in os.walk(root / folder):
            for file in (Path(place, name) for name in names):
                with suppress(FileNotFoundError):
                    modified_at = datetime.fromtimestamp(file.stat().st_mtime, UTC)
                    yield Kept(file.relative_to(root).as_posix(), modified_at)

    def remove_all(self, folder: str) -> None:
        """Delete all below a folder, and the folder."""
        shutil.rmtree(self.path(folder), ignore_errors=True)

    def near(self, names: Iterable[str], folder: Path) -> dict[str, Path]:
        """Where these lie, as far as they are kept."""
        places = {name: Path(self.path(name)) for name in names}
        return {name: place for name, place in places.items() if place.is_file()}

    def missing(self, names: Iterable[str]) -> bool:
        """Whether any of these is not kept."""
        return not all(Path(self.path(name)).is_file() for name in names)

    def _save(self, name: str, content: Any) -> str:
        target = Path(self.path(name))
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f"{target.name}.{secrets.token_hex(4)}{DRAFT}")
        try:
            with draft.open("xb") as out:
                for piece in content.chunks():
                    out.write(piece)
                out.flush()
                os.fsync(out.fileno())
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
        return name
