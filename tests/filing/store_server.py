"""An S3-compatible store, as a server of its own."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from botocore.session import get_session

from tests.ports import free_port

KEYS = {"access_key": "a-key", "secret_key": "a-secret-key"}
BUCKET = "crossdock-files"


@contextmanager
def running() -> Iterator[str]:
    """The store's address; it has the bucket ``BUCKET``, which is empty."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _await(url, process)
        client_of(url).create_bucket(Bucket=BUCKET)
        yield url
    finally:
        process.terminate()
        process.wait(30)


def client_of(url: str) -> Any:
    """Somebody else who looks into the store."""
    return get_session().create_client(
        "s3",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id=KEYS["access_key"],
        aws_secret_access_key=KEYS["secret_key"],
    )


def storage(url: str, **more: str) -> dict[str, Any]:
    """What Django is told of it."""
    options = {"bucket": BUCKET, "prefix": "desk", "endpoint": url, "region": "us-east-1"}
    return {"BACKEND": "crossdock.filing.bucket.Bucket", "OPTIONS": options | KEYS | more}


def _await(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        assert process.poll() is None, "the store ended: is moto[s3] with flask installed?"
        try:
            if httpx.get(f"{url}/moto-api/", trust_env=False, timeout=2).is_success:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise AssertionError("the store does not answer")
