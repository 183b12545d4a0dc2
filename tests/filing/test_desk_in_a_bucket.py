"""The desk with its files in a bucket: labels and papers are made, kept, printed and purged there, and a store that
is away costs words and time, never a paper."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from crossdock import filing
from crossdock.companies.scope import company_scope
from crossdock.ops import retention
from crossdock.ops.archive import read_about
from crossdock.ops.backup import make
from crossdock.ops.models import Installation
from crossdock.ops.restore import RestoreFailed, bring_back
from crossdock.orders import record
from crossdock.orders.models import DeliveryTry
from crossdock.papers.making import ask_for
from crossdock.papers.models import Kind, Paper, Size
from crossdock.papers.waiting import PAUSES, STORE_PATIENCE, go_on
from crossdock.pictures.models import SMALL
from crossdock.work.batch import finish
from crossdock.work.models import Attempt, Batch, State
from tests.actions.stage import OnDesk, later, work
from tests.cast import Cast, linked_store
from tests.desk.test_delivering import taken_with_a_phone
from tests.filing.test_bucket import Away, There
from tests.ops.test_backup import names_in
from tests.papers.reading import pages
from tests.pictures.drawn import kept_picture
from tests.sandbox.running import RunningSandbox

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path, in_bucket: There) -> Iterator[None]:
    """The data folder's own place for files: nothing ever lies there."""
    settings.MEDIA_ROOT = tmp_path / "files"
    yield
    assert not settings.MEDIA_ROOT.exists()


@pytest.fixture
def desk(cast: Cast, sandbox: RunningSandbox, unhurried: None) -> Iterator[OnDesk]:
    store = linked_store(cast.acme, sandbox, "tiktok-my")
    with company_scope(cast.acme):
        yield OnDesk(sandbox, cast, store)


@pytest.fixture
def client(cast: Cast) -> Client:
    visitor = Client(raise_request_exception=False)
    visitor.force_login(cast.alice)
    return visitor


def opened(client: Client, batch: Batch) -> Any:
    """The answer to a click on the batch's labels; its PDF where it has one."""
    answer = client.post(f"/c/acme/papers/{batch.pk}.pdf", {"sure": "1"})
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return answer.status_code, body


def closed(batch: Batch) -> Attempt:
    finish(batch.pk)
    batch.refresh_from_db()
    return Attempt.objects.filter(batch=batch).get()


def a_list_of(desk: OnDesk, *orders: Any) -> Paper:
    return ask_for(
        desk.cast.acme, desk.cast.pat, Kind.PICKING_LIST,
        form_key=f"list-{Paper.objects.count()}", selection={"ids": [one.pk for one in orders]}, size=Size.A6,
    )  # fmt: skip


def test_labels_are_made_kept_printed_and_purged_in_the_bucket(
    desk: OnDesk, client: Client, in_bucket: There, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = desk.shipped(desk.orders()[0])
    batch = desk.begin("print_awb", order)
    work()
    assert closed(batch).state == State.DONE
    label, product = sorted(in_bucket())
    assert label.startswith(f"desk/awb/{desk.cast.acme.pk}/{order.pk}-")
    assert product == f"desk/{batch.product}"
    status, pdf = opened(client, batch)
    assert status == 200
    (tmp_path / "printed.pdf").write_bytes(pdf)
    assert pages(tmp_path / "printed.pdf") == 1
    assert retention.old_files() == 0
    monkeypatch.setattr(retention, "_FILES", timedelta(minutes=-5))
    assert retention.old_files() == 2
    assert in_bucket() == {}
    assert opened(client, batch)[0] == 404


def test_a_label_that_came_while_the_store_was_away_is_fetched_again_and_printed(
    desk: OnDesk, client: Client, away: Away, in_bucket: There
) -> None:
    order = desk.shipped(desk.orders()[0])
    come_back = away()
    batch = desk.begin("print_awb", order)
    work()
    attempt = Attempt.objects.get(batch=batch)
    assert attempt.state not in (State.DONE, State.REFUSED)
    assert "the store of files does not answer" in attempt.words
    come_back()
    later(60)
    work()
    assert closed(batch).state == State.DONE
    assert opened(client, batch)[0] == 200


def test_a_store_that_goes_away_before_labels_are_opened_is_told_and_they_stay(
    desk: OnDesk, client: Client, away: Away
) -> None:
    order = desk.shipped(desk.orders()[0])
    batch = desk.begin("print_awb", order)
    work()
    closed(batch)
    come_back = away()
    status, words = opened(client, batch)
    assert status == 503
    assert b"The store of files is away" in words
    order.refresh_from_db()
    assert order.printed_count == 0, "nobody saw the label"
    come_back()
    assert opened(client, batch)[0] == 200


def test_a_paper_waits_for_the_store_and_stands_on_pictures_from_it(
    desk: OnDesk, client: Client, away: Away, in_bucket: There
) -> None:
    order = desk.packed(desk.orders()[0])
    url = order.lines.first().image_url or "https://img.test/mug.jpg"
    order.lines.update(image_url=url)
    kept_picture(desk.cast.acme, url)
    come_back = away()
    paper = a_list_of(desk, order)
    for _ in range(len(PAUSES) + 3):
        Paper.objects.update(due_at=record.now() - timedelta(seconds=1))
        go_on(large=False)
    paper.refresh_from_db()
    assert (paper.made_at, paper.failed_words) == (None, "")
    assert "the store of files does not answer" in paper.put_off_words
    come_back()
    Paper.objects.update(due_at=record.now() - timedelta(seconds=1))
    go_on(large=False)
    paper.refresh_from_db()
    assert f"desk/{paper.file}" in in_bucket()
    answer = client.get(f"/c/acme/papers/made/{paper.pk}.pdf")
    assert b"".join(answer.streaming_content).startswith(b"%PDF")


def test_a_paper_whose_store_stays_away_for_a_day_is_given_up_and_can_be_tried_again(
    desk: OnDesk, client: Client, away: Away
) -> None:
    paper = a_list_of(desk, desk.packed(desk.orders()[0]))
    come_back = away()
    Paper.objects.update(asked_at=record.now() - STORE_PATIENCE - timedelta(minutes=1))
    go_on(large=False)
    paper.refresh_from_db()
    assert "the store of files does not answer" in paper.failed_words
    come_back()
    assert client.post(f"/c/acme/papers/made/{paper.pk}/again/").status_code == 302
    go_on(large=False)
    paper.refresh_from_db()
    assert paper.made_at is not None


def test_pictures_and_photos_are_served_from_the_bucket_and_told_of_when_it_is_away(
    desk: OnDesk, client: Client, away: Away, in_bucket: There
) -> None:
    picture = kept_picture(desk.cast.acme)
    address = f"/c/acme/pictures/{picture.pk}/{SMALL}.webp"
    assert client.get(address).content in in_bucket().values()
    come_back = away()
    assert client.get(address).status_code == 503
    come_back()
    assert client.get(address).status_code == 200


def test_a_photo_that_could_not_be_kept_leaves_no_row_that_names_it(
    desk: OnDesk, client: Client, away: Away
) -> None:
    order = desk.shipped(desk.orders()[0])
    away()
    client.post(
        f"/c/acme/orders/{order.pk}/delivery/",
        {"outcome": "delivered", "form_key": "f", "photo": taken_with_a_phone()},
    )
    assert not DeliveryTry.objects.exists()


def test_while_this_is_a_copy_nothing_is_purged_from_the_bucket(
    desk: OnDesk, in_bucket: There, monkeypatch: pytest.MonkeyPatch
) -> None:
    filing.keep("awb/1/a.pdf", b"of the other installation")
    for kept_for in ("_FILES", "_EVIDENCE", "_DELIVERIES", "_PICTURES"):
        monkeypatch.setattr(retention, kept_for, timedelta(minutes=-5))
    Installation.objects.update_or_create(pk=1, defaults={"copy_of": record.now()})
    retention.clean(0)
    assert list(in_bucket()) == ["desk/awb/1/a.pdf"]
    Installation.objects.update(copy_of=None)
    retention.clean(0)
    assert in_bucket() == {}


def test_a_backup_says_that_the_files_stay_in_the_bucket(
    desk: OnDesk, settings: Any, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path / "data"
    filing.keep("awb/1/a.pdf", b"a label")
    made = make(tmp_path / "backup.tar")
    assert names_in(made) == ["crossdock-backup.toml", "database.dump", "whole.toml"]
    assert read_about(made).files_at.startswith("s3://crossdock-files/desk at http://127.0.0.1:")


def test_a_backup_that_holds_its_files_is_not_brought_back_beside_a_bucket(
    desk: OnDesk, settings: Any, tmp_path: Path
) -> None:
    bucket, settings.DATA_DIR = settings.STORAGES, tmp_path / "data"
    settings.STORAGES = {
        **bucket,
        "default": {"BACKEND": "crossdock.filing.folder.Folder"},
    }
    made = make(tmp_path / "backup.tar")
    settings.STORAGES = bucket
    with pytest.raises(RestoreFailed, match="without CROSSDOCK_FILES"):
        list(bring_back(made))
