"""Does it live on by itself: a soak with faults on the line, then a hundred days in minutes.

    python -m bench.months                     half an hour, and some ten minutes
    python -m bench.months --minutes 6

Six shops; orders come in and go their way, are packed, shipped by click and by scan, printed and posted, while
2 of 100 answers of the marketplaces are 429, 2 are 500 and 2 are cut off after the deed, and 3 of 100 of SQL
Account's are 500 and 3 cut off. Then a hundred days pass in steps of 12 hours to 20 days, with the ends of tokens
that the desk knows moved by as much. It fails where an order is not as it is out there, where anything was done
twice, where the books differ, where PostgreSQL's log has an ERROR, where a process grows, and where a store lost
its link while its authorisation lived. It prints what an order takes, by kind.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from bench.busy_day import SHOPS, BusyDay, all_as_out_there, nothing_twice
from bench.measured import Sample, children_of, due_jobs, packed, sizes, slope, watched
from bench.stage import Broken, stage

if TYPE_CHECKING:
    from bench.histories import World
    from crossdock.stores.models import Store

TIMES = "stalled=60,ask_first=2,ask_second=8,settle=15,ask_last=60"
STEPS = (0.5, 0.5, 1, 3, 5, 10, 20, 20, 20, 20)
"""Days: a hundred."""
GROWS = 30.0
"""Megabytes an hour that a process may grow by in the second half of the soak …"""
NOISE = 10.0
"""… and megabytes besides: what comes and goes weighs heavily in a short one."""
_BY_SCHEDULE = 65.0
_QUIET = 300.0
_A_DAY = 3000
"""Parcels of the largest bench."""
_DAYS = {"webhook messages": 7, "labels and papers, as files": 30, "counters": 1}
"""How long is kept what has an end; counters are added up every hour."""
_KEPT = 90
_AGED = {
    "orders_order": ("updated_at", "fetched_at"),
    "work_attempt": ("settled_at",),
    "scanning_scan": ("at",),
    "sync_message": ("received_at",),
}
_ENDS = ("access_expires_at", "refresh_expires_at", "consent_ends_at", "end_granted_at")


def main() -> int:
    """Let months pass; 0 when every promise held."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=30.0, help="how long the soak lasts")
    options = parser.parse_args()
    from bench.histories import World

    with stage(World, times=TIMES) as played:
        assert isinstance(played, World)
        months = Months(played)
        months.begin()
        months.soak(options.minutes * 60)
        months.a_hundred_days()
        months.the_nights_work()
        broken = months.broken
    for words in broken:
        print(f"BROKEN {words}")
    print("Every promise held." if not broken else f"{len(broken)} promises are broken.")
    return 1 if broken else 0


class Months:
    """What is played, and what was found broken."""

    def __init__(self, played: World) -> None:
        self.played, self.broken = played, list[str]()
        self.url = os.environ["DATABASE_URL"]
        self.day = BusyDay(played.sandbox)
        self.pids: dict[str, int] = {}

    def begin(self) -> None:
        """Pages, a worker, messages; all warm."""
        self.played.hurry(True)
        self.played.start_web()
        worker = self.played.worker()
        self.played.await_ready()
        self.played.webhooks(on=True)
        web = self.played.workers[0]
        (second,) = children_of(worker.pid)
        self.pids = {"web": web.pid, "worker": worker.pid, "its second": second}

    def soak(self, seconds: float) -> None:
        """A busy day with faults, and what it took."""
        before = sizes(self.url)
        self._faults()
        with watched(self.pids, self.url) as samples, self.day.on(), self.day.told("the soak"):
            time.sleep(seconds)
            waiting = due_jobs(self.url)
        print(f"jobs that wait at its end: {waiting}", flush=True)
        self.played.sandbox.control.delete("/faults").raise_for_status()
        self._try("the soak's end", self._as_out_there)
        self._try("the ledger", lambda: nothing_twice(self.played.sandbox))
        self._try("the books", self._books)
        if self.day.answers.broken:
            self.broken += self.day.answers.broken[:5]
        self._tell_growth(before)
        self._tell_processes(samples)
        self._look_into_the_logs()

    def a_hundred_days(self) -> None:
        """Days pass, in steps; links stay, orders come, and all is as it is out there."""
        ended = 0
        for days in STEPS:
            lives = {store.pk for store in self._stores() if _lives_for(store, days)}
            self._pass(days)
            self.played.pull_all()
            self.day.made += [
                (shop, one) for shop in SHOPS for one in self.played.sandbox.orders(1, shop)
            ]
            time.sleep(5)
            dead = [store for store in self._stores() if store.token_dead_words]
            self.broken += [
                f"{store} lost its link: {store.token_dead_words}"
                for store in dead
                if store.pk in lives
            ]
            ended += len(dead)
            self.played.link_again()
            self.played.pull_all()
            self._try(f"after {days:g} days more", self._as_out_there)
        self._try("the ledger after it all", lambda: nothing_twice(self.played.sandbox))
        self._look_into_the_logs()
        print(
            f"{sum(STEPS):g} days in {len(STEPS)} steps: no store lost its link while its authorisation lived; "
            f"{ended} times one had ended, and the store was linked again",
            flush=True,
        )

    def the_nights_work(self) -> None:
        """What the term of ``CROSSDOCK_KEEP_FINISHED_DAYS`` leaves of the orders that are over."""
        from django.conf import settings

        from crossdock.ops.long_over import remove_details
        from crossdock.ops.retention import old_messages

        before = sizes(self.url)
        self._age(_KEPT + 10)
        settings.KEEP_FINISHED_DAYS = _KEPT
        orders, messages = remove_details(), old_messages()
        packed(self.url)
        after, number = sizes(self.url), max(orders, 1)
        print(
            f"details of {orders} orders removed, and {messages} messages; bytes per order of these:"
        )
        for kind in ("attempts", "raw JSON", "scans, batches, invoices"):
            print(f"  {kind}: {(before[kind][0] - after[kind][0]) / number:,.0f} less", flush=True)

    def _faults(self) -> None:
        for system in ("lazada", "shopee", "tiktok"):
            for kind in ("error_429", "error_500", "drop_after"):
                self.played.sandbox.post("/faults", system=system, kind=kind, probability=0.02)
        for kind in ("error_500", "drop_after"):
            self.played.sandbox.post("/faults", system="sqlaccount", kind=kind, probability=0.03)

    def _try(self, when: str, deed: Callable[[], object]) -> None:
        """Go on where something is broken, and tell it at the end."""
        try:
            deed()
        except Broken as problem:
            self.broken.append(f"{when}: {problem}")
            print(f"BROKEN {when}", flush=True)

    def _as_out_there(self) -> None:
        took = all_as_out_there(self.played, self.day.made, _QUIET)
        print(
            f"{len(self.day.made)} orders are as they are out there, {took:.0f} s later", flush=True
        )

    def _books(self) -> None:
        """The books hold every invoice that we posted once, to the cent, and no other."""
        from crossdock.companies.scope import company_scope
        from crossdock.posting.connect import client_of
        from crossdock.posting.models import PostedInvoice, SqlAccount
        from crossdock.posting.sqlaccount.documents import Kind

        with company_scope(self.played.company):
            posted = PostedInvoice.objects.filter(posted_at__isnull=False, cancelled_at=None)
            ours = {one.number: one.total for one in posted}
            client = client_of(SqlAccount.objects.get())
            theirs = {
                number: [
                    Decimal(str(one["docamt"])) for one in client.numbered(Kind.INVOICE, number)
                ]
                for number in ours
            }
        made = {
            one["document"]
            for one in self.played.sandbox.ledger("invoice_create")
            if one["accepted"]
        }
        wrong = {
            number: theirs[number] for number, total in ours.items() if theirs[number] != [total]
        }
        if wrong or made != ours.keys():
            raise Broken(f"not as posted: {wrong}; {sorted(made ^ ours.keys())[:6]}")
        print(f"books: {len(ours)} invoices, {sum(ours.values())} on both sides", flush=True)

    def _stores(self) -> list[Store]:
        from crossdock.companies.scope import company_scope
        from crossdock.stores.models import Store

        with company_scope(self.played.company):
            return list(Store.objects.filter(unlinked_at__isnull=True).order_by("pk"))

    def _pass(self, days: float) -> None:
        """Days go by: out there by the sandbox's control, here for what the desk knows of ends."""
        from django.db.models import F

        from crossdock.companies.scope import company_scope
        from crossdock.stores.models import Store

        self.played.sandbox.post("/advance", hours=days * 24)
        with company_scope(self.played.company):
            Store.objects.update(**{name: F(name) - timedelta(days=days) for name in _ENDS})

    def _age(self, days: int) -> None:
        from django.db import connection

        with connection.cursor() as cursor:
            for table, columns in _AGED.items():
                aged = ", ".join(
                    f"{one} = {one} - make_interval(days => {days})" for one in columns
                )
                cursor.execute(f"UPDATE {table} SET {aged}")  # noqa: S608 - ours

    def _tell_growth(self, before: dict[str, tuple[int, int]]) -> None:
        """What an order takes, by kind."""
        number, after = len(self.day.made), sizes(self.url)
        print(
            "\n| what | bytes per order | rows | kept | at 3,000 a day |\n| --- | --- | --- | --- | --- |"
        )
        rows = {
            kind: (after[kind][0] - before[kind][0], after[kind][1] - before[kind][1])
            for kind in after
        }
        files = self.played.data / "files"
        rows["labels and papers, as files"] = _weight(list(files.rglob("*.pdf")))
        rows["PostgreSQL's log"] = _weight([self.played.data / "database.log"])
        rows["the worker's log"] = _weight([self.played.data / "worker.log"])
        for kind, (size, count) in rows.items():
            days = _DAYS.get(kind, 0)
            much = size / number * _A_DAY * (days or 365) / 1e9
            kept = f"{days} days" if days else "no end"
            told = f"{much:.1f} GB{'' if days else ' a year'}"
            print(f"| {kind} | {size / number:,.0f} | {count / number:.1f} | {kept} | {told} |")
        print(flush=True)

    def _tell_processes(self, samples: list[Sample]) -> None:
        """Whether a process grows, in the second half of the soak."""
        late = samples[len(samples) // 2 :]
        hours = (late[-1].at - late[0].at) / 3600
        for name in self.pids:
            grows = slope(late, lambda one, name=name: one.processes[name].megabytes)  # type: ignore[misc]
            first, last = samples[0].processes[name], samples[-1].processes[name]
            print(
                f"{name}: {first.megabytes:.0f} MB, then {last.megabytes:.0f} ({grows:+.1f} an hour in the second "
                f"half); {first.files}, then {last.files} open files; {first.threads}, then {last.threads} threads",
                flush=True,
            )
            if grows * hours > GROWS * hours + NOISE:
                self.broken.append(f"{name} grows by {grows:.0f} MB an hour")
        print(
            f"connections: {max(one.connections for one in samples)} at most; due jobs: "
            f"{max(one.due for one in samples)} at most, {samples[-1].due} at the end",
            flush=True,
        )

    def _look_into_the_logs(self) -> None:
        """No ERROR of PostgreSQL, no traceback of ours, no failed job."""
        import psycopg

        lines = (self.played.data / "database.log").read_text(errors="replace").splitlines()
        errors = [line for line in lines if " ERROR: " in line]
        print(f"PostgreSQL's log: {len(lines)} lines, {len(errors)} of them ERROR", flush=True)
        self.broken += [f"PostgreSQL's log: {line}" for line in errors[:5]]
        for name in ("web", "worker"):
            told = (self.played.data / f"{name}.log").read_text(errors="replace")
            if (at := told.find("Traceback")) >= 0:
                self.broken.append(
                    f"{told.count('Traceback')} tracebacks of {name}: {told[at : at + 3000]}"
                )
        with psycopg.connect(self.url) as database:
            failed = database.execute(
                "SELECT task_name, count(*) FROM procrastinate_jobs WHERE status = 'failed' GROUP BY 1"
            ).fetchall()
        if failed:
            self.broken.append(f"jobs failed: {failed}")


def _lives_for(store: Store, days: float) -> bool:
    """Whether the store's authorisation lives on for so long, by all that it was told of ends."""
    from django.utils import timezone

    until = timezone.now() + timedelta(days=days)
    ends = [one for one in (store.refresh_expires_at, store.consent_ends_at) if one is not None]
    return not store.token_dead_words and all(one > until for one in ends)


def _weight(files: list[Path]) -> tuple[int, int]:
    """Bytes of these files, and how many there are."""
    there = [one for one in files if one.is_file()]
    return sum(one.stat().st_size for one in there), len(there)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    sys.exit(main())
