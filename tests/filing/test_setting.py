"""``CROSSDOCK_FILES``: one setting, understood or refused in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from crossdock.files_setting import BadPlace, storage_of

KEYS = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}


def options(written: str, environment: dict[str, str]) -> dict[str, str]:
    found: dict[str, str] = storage_of(written, environment)["OPTIONS"]
    return found


def test_without_it_files_lie_in_the_data_folder() -> None:
    assert storage_of("", KEYS) == {"BACKEND": "crossdock.filing.folder.Folder"}


def test_bucket_prefix_endpoint_region_and_keys_are_taken(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from-a-file\n")
    by_file = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY_FILE": str(tmp_path / "key")}
    assert options("s3://files/desk/one/?endpoint=https://s.example:9000&region=my-1", by_file) == {
        "bucket": "files", "prefix": "desk/one", "endpoint": "https://s.example:9000", "region": "my-1",
        "access_key": "a", "secret_key": "from-a-file",
    }  # fmt: skip
    assert options("s3://files", {}) == {"bucket": "files", "prefix": ""}


@pytest.mark.parametrize(
    "written",
    ["files", "/srv/files", "s3://", "s3:///prefix", "http://files/desk", "s3://files?endpont=x", "s3://a:b@files",
     "s3://files?endpoint", 's3://fi"les', "s3://files/\x00", "s3://files?endpoint=store:9000", "s3://[files"],
)  # fmt: skip
def test_what_cannot_be_understood_is_refused_in_a_sentence(written: str) -> None:
    with pytest.raises(BadPlace, match="CROSSDOCK_FILES"):
        storage_of(written, KEYS)


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"AWS_ACCESS_KEY_ID": "a"}, "set both, or neither"),
        ({"AWS_SECRET_ACCESS_KEY": "b"}, "set both, or neither"),
        ({**KEYS, "AWS_SECRET_ACCESS_KEY": "", "AWS_SECRET_ACCESS_KEY_FILE": "/none"}, "cannot be"),
    ],
)
def test_half_a_pair_of_keys_is_refused(environment: dict[str, str], words: str) -> None:
    with pytest.raises(BadPlace, match=words):
        storage_of("s3://files", environment)
