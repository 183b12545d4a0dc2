"""Evidence is told by its content, kept as it was sent, and deleted when no answer needs it any more."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from crossdock.buttons import evidence
from crossdock.channels.errors import Refused
from crossdock.companies.scope import company_scope
from crossdock.ops.retention import old_evidence
from crossdock.orders import record
from crossdock.orders.models import Order
from crossdock.rules.facts import OrderFacts, Stage
from crossdock.stores.models import Store
from crossdock.work.batch import start
from crossdock.work.models import Attempt, State
from tests.cast import Cast

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154"
    "08d763f8cfc0000000030001a2d5b8a20000000049454e44ae426082"
)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + b"\x00" * 40 + b"\xff\xd9"


@pytest.fixture(autouse=True)
def files(tmp_path: Path, settings: Any) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.mark.parametrize(("body", "kind"), [(PIXEL, "png"), (JPEG, "jpg")])
def test_a_picture_is_told_by_its_content_and_comes_back_as_it_was_sent(
    body: bytes, kind: str
) -> None:
    assert evidence.look_at("whatever.exe", body) == kind
    (name,) = evidence.keep(7, [body])
    (sent,) = evidence.read([name])
    assert (sent.body, sent.media_type.split("/")[1]) == (body, "jpeg" if kind == "jpg" else kind)


@pytest.mark.parametrize(
    "body",
    [b"", b"GIF89a" + b"\0" * 60, PIXEL[:20], PIXEL[:-20], JPEG[:-2], b"<svg/>", b"%PDF-1.7 \xff\xd9"],
)  # fmt: skip
def test_whatever_is_no_whole_png_or_jpeg_is_named_and_refused(body: bytes) -> None:
    with pytest.raises(evidence.NotEvidence, match=r"photo\.png is neither a PNG nor a JPEG"):
        evidence.look_at("photo.png", body)


def test_a_picture_above_five_megabytes_is_refused() -> None:
    with pytest.raises(evidence.NotEvidence, match="larger than 5 MB"):
        evidence.look_at("photo.png", PIXEL + b"\0" * evidence.LARGEST)


@pytest.mark.parametrize("name", ["../secret", "evidence/1/../../secret.png", "/etc/passwd", ""])
def test_only_what_was_kept_as_evidence_is_read(name: str) -> None:
    with pytest.raises(Refused):
        evidence.read([name])


@pytest.fixture
def order(cast: Cast) -> Order:
    with company_scope(cast.acme):
        store = Store.objects.create(
            company=cast.acme, channel="lazada", region="MY", shop_id="1", name="One"
        )
        now = record.now()
        facts = OrderFacts("1", "delivered", Stage.DELIVERED, "MYR", now, now)
        return record.take_in(store, record.Arrived(facts), fetched_at=now)


def answer_with(cast: Cast, order: Order, name: str) -> Attempt:
    folder = str(Path(name).parent)
    options = {"evidence": [folder], "forms": {"lazada:dispute": {"images": [name]}}}
    batch = start(
        cast.acme, cast.mona, "answer_return", form_key=name[-40:], order_ids=[order.pk],
        options=options,
    )  # fmt: skip
    return batch.attempts.get()


def days_ago(folder: Path, days: int) -> None:
    moment = time.time() - days * 86400
    for file in folder.iterdir():
        os.utime(file, (moment, moment))


@pytest.mark.parametrize(
    ("state", "settled", "kept"),
    [(State.WAITING, None, True), (State.DONE, 10, True), (State.DONE, 31, False), (State.REFUSED, 31, False)],
)  # fmt: skip
def test_evidence_stays_while_its_answer_is_open_and_a_month_longer(
    cast: Cast, order: Order, files: Path, state: State, settled: int | None, kept: bool
) -> None:
    (name,) = evidence.keep(cast.acme.pk, [PIXEL])
    folder = (files / name).parent
    with company_scope(cast.acme):
        attempt = answer_with(cast, order, name)
        attempt.state = state
        attempt.settled_at = None if settled is None else timezone.now() - timedelta(days=settled)
        attempt.save()
    days_ago(folder, 60)
    assert old_evidence() == (0 if kept else 1)
    assert folder.exists() is kept


def test_evidence_that_never_went_with_an_answer_goes_after_a_month(db: None, files: Path) -> None:
    young, old = (
        (files / name).parent for name in (*evidence.keep(7, [PIXEL]), *evidence.keep(7, [JPEG]))
    )
    days_ago(old, 31)
    assert old_evidence() == 1
    assert (young.exists(), old.exists()) == (True, False)
