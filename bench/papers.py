"""How fast papers are made, and in how much memory, beside the bare PDF libraries drawing the same pages.

    python -m bench.papers                  picking lists and AWBs of 1,000 orders, a manifest of 2,000 parcels
    python -m bench.papers --orders 200

Each figure comes from a process of its own, so that its peak is its own. What must hold: ten times the
orders take no more memory than their PDF is larger.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.stage import Broken, stage

if TYPE_CHECKING:
    from crossdock.papers.models import Paper
    from crossdock.rules.facts import OrderFacts

KINDS = {"picking_list": 1000, "awb": 1000, "manifest": 2000}
"""What is measured, and how many orders of each."""
_FEWER = 10
_NOISE = 1.10
"""A peak may differ by so much from run to run."""
_ITEMS = ("Enamel mug with lid, 300 ml", "超薄手机壳 适用于 15 寸", "เสื้อยืดผ้าฝ้าย คอกลม")


def main() -> int:
    """Measure all, or (in a child) one; 0 when memory holds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--orders", type=int, help="instead of 1,000 and 2,000")
    parser.add_argument("--one", nargs=3, metavar=("KIND", "WAY", "COUNT"), help="a child's part")
    options = parser.parse_args()
    if options.one:
        kind, way, count = options.one
        print(json.dumps(_measured(kind, way, int(count))))
        return 0
    with stage() as played:
        most = {kind: options.orders or count for kind, count in KINDS.items()}
        _fill(max(most.values()), played.company.pk)
        os.environ["BENCH_COMPANY"] = str(played.company.pk)
        print(
            f"{'':14}{'orders':>8}{'pages':>8}{'pages/s':>9}{'peak MB':>9}{'PDF MB':>8}", flush=True
        )
        for kind, count in most.items():
            _compare(kind, count)
    print("Memory grows no faster than the papers do.", flush=True)
    return 0


def _compare(kind: str, count: int) -> None:
    small = _child(kind, "ours", count // _FEWER)
    large, bare = _child(kind, "ours", count), _child(kind, "bare", count)
    for name, told in ((kind, small), (kind, large), ("bare", bare)):
        print(
            f"{name:14}{told['orders']:>8}{told['pages']:>8}{told['pages'] / told['seconds']:>9.0f}"
            f"{told['peak'] / 1e6:>9.0f}{told['bytes'] / 1e6:>8.1f}",
            flush=True,
        )
    allowed = (small["peak"] + large["bytes"] - small["bytes"]) * _NOISE
    if large["peak"] > allowed:
        raise Broken(
            f"{kind}: {large['peak'] / 1e6:.0f} MB for {count} orders, {allowed / 1e6:.0f} MB allowed"
        )


def _child(kind: str, way: str, count: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.papers", "--one", kind, way, str(count)]
    told: dict[str, Any] = json.loads(subprocess.check_output(command).splitlines()[-1])
    return told


def _measured(kind: str, way: str, count: int) -> dict[str, Any]:
    import django

    django.setup()
    from crossdock.companies.scope import company_scope

    with company_scope(int(os.environ["BENCH_COMPANY"])):
        prepared = _PREPARED[kind, way](count)
        with _timed() as spent:
            file, pages = prepared()
    return {
        "orders": count,
        "pages": pages,
        "seconds": spent[0],
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "bytes": file.stat().st_size,
    }


@contextmanager
def _timed() -> Iterator[list[float]]:
    spent = [0.0]
    began = time.perf_counter()
    yield spent
    spent[0] = time.perf_counter() - began


Made = Callable[[], tuple[Path, int]]


def _paper(kind: str) -> Callable[[int], Made]:
    """A paper as its job makes it."""

    def prepare(count: int) -> Made:
        from django.conf import settings

        from crossdock.papers.making import file_of, make

        paper = _asked(kind, count)

        def made() -> tuple[Path, int]:
            make(paper.pk)
            paper.refresh_from_db()
            file = file_of(paper)
            if file is None:
                raise Broken(paper.failed_words)
            return Path(settings.MEDIA_ROOT) / file, paper.page_count

        return made

    return prepare


def _asked(kind: str, count: int) -> Paper:
    from django.db import transaction

    from crossdock.companies.models import Company, Person
    from crossdock.orders.models import Order
    from crossdock.papers.making import ask_for
    from crossdock.papers.models import Kind, ManifestParcel, Size

    ManifestParcel.objects.update(is_open=False)
    ids = list(Order.objects.order_by("pk").values_list("pk", flat=True)[:count])
    with transaction.atomic():
        return ask_for(
            Company.objects.get(pk=int(os.environ["BENCH_COMPANY"])),
            Person.objects.order_by("pk")[0],
            Kind(kind),
            form_key=f"{kind}-{count}-{time.time_ns()}",
            selection={"ids": ids},
            size=Size.A4 if kind == "manifest" else Size.A6,
        )


def _bare_typst(kind: str) -> Callable[[int], Made]:
    """The same pages by the library alone: all the data at hand, one call."""

    def prepare(count: int) -> Made:
        from django.conf import settings

        from crossdock.papers import making, manifests
        from crossdock.papers.making import file_of, make
        from crossdock.papers.typeset import typeset

        parts: list[Mapping[str, Any]] = []

        def noted(template: str, data: Mapping[str, Any], target: Path) -> int:
            parts.append(data)
            return typeset(template, data, target)

        room: Any = manifests if kind == "manifest" else making
        room.typeset = noted
        paper = _asked(kind, count)
        make(paper.pk)
        paper.refresh_from_db()
        target = Path(settings.MEDIA_ROOT) / f"{file_of(paper)}.bare.pdf"
        rows = "parcels" if kind == "manifest" else "lists"
        whole = {**parts[-1], "first_page": 1, rows: [row for part in parts for row in part[rows]]}
        return lambda: (target, typeset(kind, whole, target))

    return prepare


def _awb(count: int) -> Made:
    """Labels bound as the batch's end binds them: on A4, a page before each courier's."""
    from django.conf import settings

    from crossdock.papers.binding import bind
    from crossdock.papers.label_order import Labels, grouped
    from crossdock.papers.models import PaperSettings, Separator, Size
    from crossdock.papers.words import words_in

    kept = PaperSettings(awb_size=Size.A4.value, separator=Separator.COURIER.value)
    labels = [
        Labels(number, f"2603020000{number}", f"Courier {number % 5}", "", 1, (file,))
        for number, file in enumerate(_label_files(count))
    ]
    groups = grouped(labels, Separator.COURIER)
    target = Path(settings.MEDIA_ROOT) / f"bench-{count}.pdf"
    return lambda: (target, bind(groups, kept, words_in("en"), "bench", target))


def _bare_pikepdf(count: int) -> Made:
    import pikepdf
    from django.conf import settings

    target = Path(settings.MEDIA_ROOT) / f"bare-{count}.pdf"
    files = _label_files(count)

    def made() -> tuple[Path, int]:
        with pikepdf.new() as bound:
            for file in files:
                with pikepdf.open(file) as opened:
                    bound.pages.extend(opened.pages)
            bound.save(target)
            return target, len(bound.pages)

    return made


def _label_files(count: int) -> list[Path]:
    """Labels as channels send them: one page with a picture of its own."""
    import pikepdf
    from django.conf import settings

    folder = Path(settings.MEDIA_ROOT) / "bench-labels"
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"{number}.pdf" for number in range(count)]
    for number, file in enumerate(files):
        if file.exists():
            continue
        with pikepdf.new() as made:
            page = made.add_blank_page(page_size=(283, 425))
            picture = made.make_stream(
                os.urandom(24_000), Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=160,
                Height=150, ColorSpace=pikepdf.Name.DeviceGray, BitsPerComponent=8,
            )  # fmt: skip
            page.add_resource(picture, pikepdf.Name.XObject, pikepdf.Name.Im1)
            page.contents_add(f"q 200 0 0 200 40 {100 + number % 50} cm /Im1 Do Q".encode())
            made.save(file)
    return files


def _fill(count: int, company: int) -> None:
    from crossdock.companies.scope import company_scope
    from crossdock.orders import record
    from crossdock.stores.models import Store

    with company_scope(company):
        store = Store.objects.order_by("pk")[0]
        for start in range(0, count, 500):
            arrived = [record.Arrived(_order(n)) for n in range(start, min(start + 500, count))]
            record.take_in_many(store, arrived, fetched_at=record.now())


def _order(number: int) -> OrderFacts:
    from crossdock.rules.facts import LineFacts, OrderFacts, PackageFacts, Stage

    made = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(seconds=number)
    package = f"FP{number}"
    lines = tuple(
        LineFacts(
            f"{number}-{at}", f"SKU-{(number + at) % 300:04}", name, at + 1, Decimal("9.90"),
            Decimal(0), "ready_to_ship", Stage.READY, package_id=package,
        )
        for at, name in enumerate(_ITEMS[: number % 3 + 1])
    )  # fmt: skip
    return OrderFacts(
        order_id=f"26030100{number:06}", status="ready_to_ship", stage=Stage.READY, currency="MYR",
        created_at=made, updated_at=made, lines=lines,
        packages=(PackageFacts(package, "J&T Express", f"MYTRACK{number:08}"),),
    )  # fmt: skip


_PREPARED: dict[tuple[str, str], Callable[[int], Made]] = {
    ("picking_list", "ours"): _paper("picking_list"),
    ("picking_list", "bare"): _bare_typst("picking_list"),
    ("manifest", "ours"): _paper("manifest"),
    ("manifest", "bare"): _bare_typst("manifest"),
    ("awb", "ours"): _awb,
    ("awb", "bare"): _bare_pikepdf,
}


if __name__ == "__main__":
    sys.exit(main())
