"""What comes back from a backup is all of it, sends nothing until a person says so, and then does nothing twice."""

from __future__ import annotations

import re
import tarfile
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as ours
from django.core import mail
from django.core.mail import EmailMessage
from django.db import connection
from django.test import Client
from django.utils import timezone
from procrastinate.jobs import Job

from crossdock import __version__
from crossdock.channels.errors import NotAlone
from crossdock.channels.registry import channel
from crossdock.companies.models import Company
from crossdock.companies.only_one import COMMAND, Patiently, is_copy
from crossdock.companies.scope import all_companies, company_scope
from crossdock.ops import archive, restore
from crossdock.ops.archive import About, Writing
from crossdock.ops.backup import make
from crossdock.ops.check import told_at_start
from crossdock.ops.models import Installation
from crossdock.ops.restore import RestoreFailed, bring_back, confirm_only_one
from crossdock.orders.models import Order
from crossdock.pictures.download import body_at
from crossdock.posting.connect import client_of
from crossdock.posting.mapping import map_equal_codes
from crossdock.posting.models import SqlAccount
from crossdock.stores.calling import call
from crossdock.stores.models import Store
from crossdock.stores.tokens import renew
from crossdock.sync.begin import begin_regular, why_it_rests
from crossdock.sync.models import Pull
from crossdock.sync.pull import go_on, look_at
from crossdock.sync.schedule import schedule
from crossdock.work.batch import start
from crossdock.work.lane import drain
from crossdock.work.models import OPEN, Attempt, Lane, State
from tests.cast import Cast
from tests.ops.another_database import installation, new_database
from tests.posting.conftest import books, quick_books
from tests.sandbox.running import RunningSandbox

__all__ = ["books", "quick_books"]
pytestmark = pytest.mark.django_db(transaction=True)


def restored(file: Path) -> str:
    """Restore here; what it told."""
    return "\n".join(bring_back(file))


@pytest.fixture
def elsewhere(tmp_path: Path, settings: Any) -> Iterator[Elsewhere]:
    """Another machine, with an empty database."""
    with new_database() as name:
        yield Elsewhere(name, tmp_path / "elsewhere", settings)


class Elsewhere:
    def __init__(self, name: str, data: Path, settings: Any) -> None:
        self.name, self.data, self.settings = name, data, settings

    def there(self) -> Any:
        """Be there."""
        return installation(self.name, self.data, self.settings)


def a_backup(tmp_path: Path, **changed: Any) -> Path:
    """A file that tells of itself as a backup does, without a database that anybody could read."""
    about = About(
        **{
            "crossdock": __version__,
            "made_at": timezone.now(),
            "postgresql": 18,
            **changed,
        }
    )
    file = tmp_path / "told.tar"
    with file.open("w+b") as out:
        writing = Writing(out)
        told = archive.about_as_toml(about)
        writing.add(archive.ABOUT, lambda into: archive._write(into, told), modified=0)
        writing.add(archive.DATABASE, lambda into: archive._write(into, b"no dump"), modified=0)
        writing.end()
    return file


def test_everything_comes_back(cast: Cast, tmp_path: Path, elsewhere: Elsewhere) -> None:
    label = Path(ours.MEDIA_ROOT) / "awb/9/restored.pdf"
    label.parent.mkdir(parents=True, exist_ok=True)
    label.write_bytes(b"%PDF" * 1000)
    file = make(tmp_path / "all.tar")
    with elsewhere.there():
        told = restored(file)
        assert set(Company.objects.values_list("slug", flat=True)) == {"acme", "bolt"}
        there = elsewhere.data / "files/awb/9/restored.pdf"
        assert there.read_bytes() == label.read_bytes()
        assert there.stat().st_mode & 0o777 == 0o600
        assert there.stat().st_mtime == pytest.approx(label.stat().st_mtime, abs=1)
        assert is_copy()
        assert told_at_start()[0].endswith(f"run {COMMAND}.")
    assert "Restored" in told
    assert COMMAND in told
    assert not is_copy(), "the original goes on"
    label.unlink()


def test_a_database_with_anything_in_it_is_refused_and_left_alone(
    cast: Cast, tmp_path: Path
) -> None:
    file = make(tmp_path / "all.tar")
    with pytest.raises(RestoreFailed, match="not empty, and nothing in it is written over") as told:
        restored(file)
    assert "CROSSDOCK_DATA" in str(told.value)
    assert Company.objects.count() == 2
    assert not is_copy()


@pytest.mark.parametrize(
    "newer", [{"crossdock": "99.0.0"}, {"migrations": ("orders.9999_later",)}, {"format": 2}]
)
def test_a_backup_of_a_newer_version_is_refused(
    newer: dict[str, Any], tmp_path: Path, elsewhere: Elsewhere
) -> None:
    file = a_backup(tmp_path, **newer)
    with elsewhere.there(), pytest.raises(RestoreFailed, match="newer than this one"):
        restored(file)


def test_a_backup_of_an_older_version_is_brought_forward(
    cast: Cast, tmp_path: Path, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    brought = []
    monkeypatch.setattr(restore, "migrate", lambda **_: brought.append(is_copy()))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE django_migrations SET app = 'later' WHERE app = 'scanning' AND name = '0002_verification'"
        )
        file = make(tmp_path / "all.tar")
        cursor.execute("UPDATE django_migrations SET app = 'scanning' WHERE app = 'later'")
    monkeypatch.setattr(restore, "_refuse_newer", lambda _: None)
    with elsewhere.there():
        restored(file)
    assert brought == [True], "migrated, and never without the mark"


def test_where_the_database_takes_it_not_nothing_is_in_it_and_it_can_be_tried_again(
    cast: Cast, tmp_path: Path, elsewhere: Elsewhere
) -> None:
    bad = a_backup(tmp_path)
    file = make(tmp_path / "all.tar")
    with elsewhere.there():
        with pytest.raises(RestoreFailed, match="took nothing"):
            restored(bad)
        restored(file)
        assert Company.objects.count() == 2


def test_a_restore_that_is_cut_off_leaves_an_empty_database(
    cast: Cast, tmp_path: Path, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    """psql takes the end of its input for the end of the work: only our last word commits it."""
    file = make(tmp_path / "all.tar")
    with elsewhere.there():
        with monkeypatch.context() as patch:
            patch.setattr(restore, "_ENDS", "-- %s")
            with pytest.raises(RestoreFailed, match="took nothing"):
                restored(file)
        restored(file)
        assert is_copy()


def test_files_of_another_database_are_not_mixed_with(
    cast: Cast, tmp_path: Path, elsewhere: Elsewhere
) -> None:
    file = make(tmp_path / "all.tar")
    theirs = elsewhere.data / "files/theirs.pdf"
    theirs.parent.mkdir(parents=True)
    theirs.write_bytes(b"theirs")
    with elsewhere.there(), pytest.raises(RestoreFailed, match="holds files"):
        restored(file)
    assert theirs.read_bytes() == b"theirs"


@pytest.mark.parametrize(("server", "kept"), [(15, False), (16, False), (17, True), (18, True)])
def test_an_older_server_is_not_given_settings_that_it_does_not_know(
    server: int, kept: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What newer programs write at the head of every dump would end the restore on an older one."""
    monkeypatch.setattr(restore, "server_version", lambda: server)
    lines = [b"SET lock_timeout = 0;\n", b"SET transaction_timeout = 0;\n", *[b"row\n"] * 1000]
    into = BytesIO()
    restore._pass_on(BytesIO(b"".join(lines)), into)
    wanted = [line for line in lines if kept or b"transaction_timeout" not in line]
    assert into.getvalue() == b"".join(wanted)


def test_names_that_lead_out_of_the_data_folder_lead_nowhere(
    cast: Cast, tmp_path: Path, elsewhere: Elsewhere
) -> None:
    file = make(tmp_path / "all.tar")
    root = Path(elsewhere.data / "files")
    for name in ("files/../../out", "/etc/out", "files//../out", "files/", "database.dump"):
        assert archive.safe_place(root, name) is None, name
    assert tarfile.is_tarfile(file)


@pytest.fixture
def ready(
    cast: Cast, books: SqlAccount, store: Store, sandbox: RunningSandbox, unhurried: None
) -> Iterator[Cast]:
    """Everything that goes out is taken twice, if it is sent twice."""
    for system in ("lazada", "sqlaccount"):
        sandbox.post("/strict", system=system, duplicates="take")
    yield cast
    sandbox.post("/strict", system="sqlaccount", duplicates="refuse")


def orders_of(
    cast: Cast, store: Store, sandbox: RunningSandbox, count: int, **more: Any
) -> list[str]:
    with company_scope(cast.acme):
        ids = sandbox.orders(count, **more)
        look_at(store, ids)
        map_equal_codes(cast.acme.pk)
        return ids


def begun(cast: Cast, action: str, ids: list[str], key: str) -> None:
    """Somebody presses the button; nobody works it off yet."""
    with company_scope(cast.acme):
        keys = list(Order.objects.filter(channel_order_id__in=ids).values_list("pk", flat=True))
        start(cast.acme, cast.bo, action, form_key=key, order_ids=keys)


def worked() -> None:
    """What workers do, until nothing is due."""
    with all_companies():
        lanes = list(Lane.objects.all())
    for lane in lanes:
        with company_scope(lane.company_id):
            while drain(lane.pk) == 0:
                continue


def made(sandbox: RunningSandbox, after: int) -> Counter[tuple[str, str]]:
    """(effect, order) → how often it was done."""
    rows = sandbox.get(f"/ledger?after_seq={after}")["calls"]
    return Counter((row["effect"], row["order_id"]) for row in rows if row["effect"])


def last_call(sandbox: RunningSandbox) -> int:
    return max((row["seq"] for row in sandbox.get("/ledger?after_seq=0")["calls"]), default=0)


def an_hour_later() -> None:
    """The confirmation lies back, as everything that was written until then."""
    gone = timedelta(hours=1)
    row = Installation.objects.get(pk=1)
    assert row.alone_since is not None
    Installation.objects.update(alone_since=row.alone_since - gone)
    with all_companies():
        for one in Attempt.objects.all():
            one.created_at -= gone
            one.due_at -= gone
            one.save(update_fields=["created_at", "due_at"])
        for order in Order.objects.all():
            Order.objects.filter(pk=order.pk).update(fetched_at=order.fetched_at - gone)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE work_batch SET started_at = started_at - interval '1 hour'")


def test_nothing_is_done_twice_by_the_original_and_what_was_restored_elsewhere(
    ready: Cast, store: Store, sandbox: RunningSandbox, tmp_path: Path, elsewhere: Elsewhere
) -> None:
    before = last_call(sandbox)
    queued = orders_of(ready, store, sandbox, 3)
    later = orders_of(ready, store, sandbox, 3)
    sold = orders_of(ready, store, sandbox, 3, status="shipped")
    sold_later = orders_of(ready, store, sandbox, 3, status="shipped")
    left = orders_of(ready, store, sandbox, 2)
    begun(ready, "pack", queued + left[:1], "queued at the backup")
    begun(ready, "post", sold, "posted at the backup")
    with company_scope(ready.acme):
        sending = Attempt.objects.filter(order__channel_order_id=queued[0])
        sending.update(state=State.SENDING, sent_at=timezone.now(), sent={
            "order_id": queued[0], "package_ids": [],
            "line_ids": [line.line_id for line in Order.objects.get(channel_order_id=queued[0]).lines.all()],
        })  # fmt: skip
    file = make(tmp_path / "before.tar")
    with company_scope(ready.acme):
        sending.update(state=State.QUEUED)
        Attempt.objects.filter(order__channel_order_id=left[0]).delete()
    begun(ready, "pack", later, "after the backup")
    begun(ready, "post", sold_later, "after the backup, too")
    worked()
    done = made(sandbox, before)
    assert {done["pack", one] for one in queued + later} == {1}
    assert {done["invoice_create", one] for one in sold + sold_later} == {1}
    with elsewhere.there():
        restored(file)
        worked()
        schedule(0)
        assert made(sandbox, before) == done, "not a word before the confirmation"
        confirm_only_one()
        an_hour_later()
        begun(ready, "pack", later + left[1:], "pressed once more")
        begun(ready, "post", sold_later, "posted once more")
        worked()
        with (
            all_companies()
        ):  # what was being sent at the backup is asked about after a few seconds
            Attempt.objects.filter(state=State.ASKING).update(due_at=timezone.now())
        worked()
        now = made(sandbox, before)
        with company_scope(ready.acme):
            assert not Attempt.objects.filter(state__in=OPEN).exists()
            posted = Order.objects.filter(channel_order_id__in=sold + sold_later)
            assert all(order.archived for order in posted)
    for one in queued + later + left:
        assert now["pack", one] == 1, one
    for one in sold + sold_later:
        assert now["invoice_create", one] == 1, one
    assert max(now.values()) == 1


@pytest.fixture
def copy(
    cast: Cast,
    store: Store,
    sandbox: RunningSandbox,
    unhurried: None,
    tmp_path: Path,
    elsewhere: Elsewhere,
) -> Iterator[Store]:
    """A restored installation with two new orders, before anybody confirmed anything."""
    with company_scope(cast.acme):
        look_at(store, sandbox.orders(2))
    file = make(tmp_path / "before.tar")
    with elsewhere.there():
        restored(file)
        yield store


def test_no_token_is_renewed_by_a_copy(copy: Store, sandbox: RunningSandbox) -> None:
    """A refresh token may work once: the original's must not be used up."""
    before = bytes(copy.refresh_token_sealed)
    with all_companies():
        Store.objects.update(access_expires_at=timezone.now())
        held = Store.objects.get(pk=copy.pk)
    with company_scope(copy.company_id), pytest.raises(NotAlone):
        renew(held, bytes(held.access_token_sealed))
    with all_companies():
        after = Store.objects.get(pk=copy.pk)
    assert bytes(after.refresh_token_sealed) == before
    assert after.refresh_started_at is None
    assert not after.needs_relink


def test_no_call_goes_out_of_a_copy(copy: Store, sandbox: RunningSandbox) -> None:
    seen = last_call(sandbox)
    with company_scope(copy.company_id), pytest.raises(NotAlone, match=COMMAND):
        call(copy, lambda known, shop: known.shop_name(shop))
    assert last_call(sandbox) == seen


def test_what_is_wanted_meanwhile_waits_and_is_done_afterwards(
    copy: Store, cast: Cast, sandbox: RunningSandbox
) -> None:
    seen = last_call(sandbox)
    with company_scope(cast.acme):
        ids = list(Order.objects.values_list("channel_order_id", flat=True))
        assert begin_regular(copy) is None
        assert COMMAND in why_it_rests(copy)
    begun(cast, "pack", ids, "meanwhile")
    worked()
    schedule(0)
    assert last_call(sandbox) == seen
    with company_scope(cast.acme):
        assert set(Attempt.objects.values_list("state", flat=True)) == {State.QUEUED}
        assert not Pull.objects.exists()
    confirm_only_one()
    an_hour_later()
    worked()
    with company_scope(cast.acme):
        assert set(Attempt.objects.values_list("state", flat=True)) == {State.DONE}
    assert {made(sandbox, seen)["pack", one] for one in ids} == {1}


def test_a_job_that_may_not_go_out_is_put_off_however_often_it_was_tried() -> None:
    tried = Job(
        id=1, status="doing", queue="slow", lock=None, queueing_lock=None, task_name="x", task_kwargs={}, attempts=99,
    )  # fmt: skip
    patient = Patiently(max_attempts=8)
    decided = patient.get_retry_decision(exception=NotAlone("Nothing is sent."), job=tried)
    assert decided is not None
    assert decided.retry_at is not None
    assert decided.retry_at > timezone.now()
    assert patient.get_retry_decision(exception=OSError(), job=tried) is None


def test_no_letter_leaves_a_copy(copy: Store, settings: Any) -> None:
    settings.EMAIL_BACKEND = "crossdock.companies.letter_box.LetterBox"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    with pytest.raises(NotAlone):
        EmailMessage("Hello", "there", to=["somebody@example.test"]).send()
    assert not mail.outbox


def test_owners_read_it_on_every_page_and_others_do_not(copy: Store, cast: Cast) -> None:
    for person, reads in ((cast.alice, True), (cast.pat, False)):
        browser = Client()
        browser.force_login(person)
        for page in ("orders/", "stores/", "batches/"):
            shown = browser.get(f"/c/acme/{page}")
            assert shown.status_code == 200
            assert (COMMAND in shown.content.decode()) is reads, (person, page)


def test_after_the_confirmation_sync_goes_on_from_before_the_backup(
    copy: Store, cast: Cast, sandbox: RunningSandbox
) -> None:
    with all_companies():
        Store.objects.update(synced_until=timezone.now() + timedelta(days=3))
    since = Installation.objects.get().copy_of
    assert since is not None
    told = confirm_only_one()
    assert "the only one now" in told
    assert not is_copy()
    ids = sandbox.orders(2)
    with company_scope(cast.acme):
        pull = begin_regular(Store.objects.get(pk=copy.pk))
        assert pull is not None
        assert pull.since < since
        while go_on(pull.pk) is not None:
            continue
        assert Order.objects.filter(channel_order_id__in=ids).count() == 2
    assert "nothing to confirm" in confirm_only_one()


_DOORS = re.compile(
    r"^\s*(?:import|from) (?:httpx|smtplib|requests|urllib\.request|http\.client|django\.core\.mail\.backends)\b",
    re.M,
)
_KNOWN_DOORS = {
    "channels/wire.py": "asks before it sends",
    "channels/lazada/api.py": "builds a form's body, and sends nothing",
    "companies/letter_box.py": "asks before it sends",
    "ops/look_outside.py": "asks before it logs in at the mail server",
    "ops/consent.py": "the demo's own sandbox",
    "ops/demo.py": "the demo's own sandbox",
    "ops/running.py": "this machine's own pages, and the demo's sandbox",
}


def test_whoever_could_send_something_is_known_to_ask_first() -> None:
    """A new way out belongs behind one of these, or is named here with its reason."""
    source = Path(restore.__file__).parents[1]
    found = {
        str(file.relative_to(source))
        for file in source.rglob("*.py")
        if _DOORS.search(file.read_text())
    }
    assert found == set(_KNOWN_DOORS)


@pytest.mark.parametrize("door", ["books", "picture", "consent", "letter"])
def test_every_door_of_a_copy_is_closed(
    door: str, cast: Cast, books: SqlAccount, sandbox: RunningSandbox, settings: Any
) -> None:
    Installation.objects.update_or_create(pk=1, defaults={"copy_of": timezone.now()})
    settings.EMAIL_BACKEND = "crossdock.companies.letter_box.LetterBox"
    lazada = channel("lazada")
    doors: dict[str, Callable[[], object]] = {
        "books": lambda: client_of(books).version(),
        "picture": lambda: body_at("https://pictures.example.test/1.png"),
        "consent": lambda: lazada.exchange(
            settings.CHANNEL_APPS["lazada"], region="MY", query={"code": "1"}
        ),
        "letter": lambda: EmailMessage("Hello", "there", to=["somebody@example.test"]).send(),
    }
    seen = last_call(sandbox)
    with company_scope(cast.acme), pytest.raises(NotAlone, match=COMMAND):
        doors[door]()
    assert last_call(sandbox) == seen
