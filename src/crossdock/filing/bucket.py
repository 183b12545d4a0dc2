"""Files in a bucket of an S3-compatible store, for installations on several hosts.

By botocore, which the books need as well: its clients may be shared by threads. Names are ours and never those
of two things, so that nothing is written over by somebody else; an object is there whole or not at all.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from typing import IO, Any, cast

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import get_session
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import File
from django.core.files.storage import Storage

from crossdock.filing import Kept, StoreAway

_AT_ONCE = 8
"""Objects that are asked for at the same time: a batch has hundreds of labels."""
_IN_MEMORY = 1024 * 1024
"""Bytes of an object above which it is read into a temporary file."""
_PIECE = 64 * 1024
_CONNECT_SECONDS, _READ_SECONDS, _TRIES = 3, 20, 3
_GONE = frozenset({"NoSuchKey", "404"})


class Bucket(Storage):
    """A bucket, or what lies below ``prefix`` in it. ``endpoint`` and ``region``: "" for Amazon's own, and for
    what botocore finds; so are the keys, where they are not given."""

    def __init__(
        self,
        *,
        bucket: str,
        prefix: str = "",
        endpoint: str = "",
        region: str = "",
        access_key: str = "",
        secret_key: str = "",
    ) -> None:
        self.bucket, self.prefix, self.endpoint = bucket, prefix, endpoint
        self._region, self._access_key, self._secret_key = region, access_key, secret_key
        self._lock = threading.Lock()
        self.place = f"s3://{bucket}/{prefix}" + (f" at {endpoint}" if endpoint else "")

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """The name that was asked for: it is ours."""
        return name

    def exists(self, name: str) -> bool:
        """Whether it is kept."""
        try:
            self._ask("head_object", Key=self._key(name))
        except FileNotFoundError:
            return False
        return True

    def delete(self, name: str) -> None:
        """Nothing happens where it is gone."""
        self._ask("delete_object", Key=self._key(name))

    def remove_all(self, folder: str) -> None:
        """Delete all below a folder: one by one, since deletes of many ask for checksums that not every store
        knows."""
        for one in list(self.listed(folder)):
            self.delete(one.name)

    def listed(self, folder: str) -> Iterator[Kept]:
        """All that is kept below a folder."""
        more = {"Prefix": self._key(f"{folder}/" if folder else "")}
        while True:
            page = self._ask("list_objects_v2", **more)
            for one in page.get("Contents", ()):
                yield Kept(one["Key"].removeprefix(self._key("")), one["LastModified"])
            if not page.get("IsTruncated"):
                return
            more["ContinuationToken"] = page["NextContinuationToken"]

    def near(self, names: Iterable[str], folder: Path) -> dict[str, Path]:
        """Copies in ``folder`` of those that are kept."""
        wanted = list(dict.fromkeys(names))
        places = {
            name: folder / f"{number}-{Path(name).name}" for number, name in enumerate(wanted)
        }
        came = self._many(lambda name: self._copy(name, places[name]), wanted)
        return {name: places[name] for name in wanted if came[name]}

    def missing(self, names: Iterable[str]) -> bool:
        """Whether any of these is not kept."""
        return not all(self._many(self.exists, list(dict.fromkeys(names))).values())

    def _open(self, name: str, mode: str = "rb") -> File[bytes]:
        with ExitStack() as on_failure:
            made = on_failure.enter_context(tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY))
            found = cast(IO[bytes], made)
            self._fetch(name, found)
            found.seek(0)
            on_failure.pop_all()
        return File(found, name=name)

    def _save(self, name: str, content: File[bytes]) -> str:
        content.seek(0)
        self._ask("put_object", Key=self._key(name), Body=content)
        return name

    def _copy(self, name: str, place: Path) -> bool:
        """Copy it to a file of this machine; whether it was there."""
        try:
            with place.open("wb") as out:
                self._fetch(name, out)
        except FileNotFoundError:
            place.unlink(missing_ok=True)
            return False
        return True

    def _fetch(self, name: str, into: IO[bytes]) -> None:
        body = self._ask("get_object", Key=self._key(name))["Body"]
        with self._in_words():
            for piece in body.iter_chunks(_PIECE):
                into.write(piece)

    def _many(self, ask: Callable[[str], bool], names: list[str]) -> Mapping[str, bool]:
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            return dict(zip(names, threads.map(ask, names), strict=True))

    def _ask(self, what: str, **told: Any) -> Any:
        """One call. Raises StoreAway, FileNotFoundError."""
        with self._in_words():
            return getattr(self._client, what)(Bucket=self.bucket, **told)

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except ClientError as problem:
            code = str(problem.response.get("Error", {}).get("Code", "no reason"))
            if code in _GONE:
                raise FileNotFoundError("There is no such file in the bucket.") from None
            raise StoreAway(f"The store of files {self.place} refuses us ({code}).") from problem
        except BotoCoreError as problem:
            raise StoreAway(
                f"The store of files {self.place} does not answer ({type(problem).__name__})."
            ) from problem

    def _key(self, name: str) -> str:
        if name.startswith("/") or ".." in name.split("/"):
            raise SuspiciousFileOperation("This name leads out of our files.")
        return f"{self.prefix}/{name}" if self.prefix else name

    @property
    def _client(self) -> Any:
        with self._lock:
            return self._made_client

    @cached_property
    def _made_client(self) -> Any:
        """Checksums only where the protocol wants them: other stores than Amazon's do not know the new ones."""
        return get_session().create_client(
            "s3",
            region_name=self._region or None,
            endpoint_url=self.endpoint or None,
            aws_access_key_id=self._access_key or None,
            aws_secret_access_key=self._secret_key or None,
            config=Config(
                connect_timeout=_CONNECT_SECONDS,
                read_timeout=_READ_SECONDS,
                retries={"total_max_attempts": _TRIES},
                max_pool_connections=3 * _AT_ONCE,
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
                s3={"addressing_style": "path"} if self.endpoint else {},
            ),
        )
