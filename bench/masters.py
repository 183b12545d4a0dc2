"""Reading the codes of large books: how fast, in how much memory, and how cheap it is afterwards.

    python -m bench.masters                     10,000 stock items, then 100,000
    python -m bench.masters --items 1000 10000

Each reading is a process of its own, so that its peak is its own. What must hold: the peak at the larger
books is within 1.2 times that at the smaller, and afterwards one change takes a call a kind.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench.stage import Broken, Stage, stage

_NO_MORE = 1.2


def main() -> int:
    """Measure the sizes that are asked for, or (in a child) read; 0 when it holds."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--items", nargs="+", type=int, default=[10_000, 100_000])
    parser.add_argument("--read", choices=["whole", "changed"], help="a child's part")
    options = parser.parse_args()
    if options.read:
        print(json.dumps(_read(whole=options.read == "whole")))
        return 0
    told = {}
    with stage() as played:
        played.hurry(True)
        os.environ["BENCH_COMPANY"] = str(played.company.pk)
        for items in options.items:
            told[items] = _measure(played, items)
    least, most = told[options.items[0]], told[options.items[-1]]
    if most > least * _NO_MORE:
        raise Broken(f"{most / 1e6:.0f} MB at {options.items[-1]:,}, {least / 1e6:.0f} MB at first")
    print("Every promise held.", flush=True)
    return 0


def _measure(played: Stage, items: int) -> float:
    """Read books of so many items; the peak in bytes."""
    played.sandbox.post("/stock", count=items)
    whole = _child("whole")
    time.sleep(1.1)
    calls = _calls(played)
    changed = _child("changed")
    asked = _calls(played) - calls
    print(
        f"{items:,} items: {whole['count']:,} codes in {whole['seconds']:.1f} s, peak "
        f"{whole['peak'] / 1e6:.0f} MB; afterwards {asked} calls, {changed['seconds']:.1f} s",
        flush=True,
    )
    if whole["items"] < items:
        raise Broken(f"{items:,} items are in the books, {whole['items']:,} were read")
    return float(whole["peak"])


def _calls(played: Stage) -> int:
    counted = played.sandbox.get("/stats")["calls"]
    return sum(n for name, n in counted.items() if name.startswith("sqlaccount "))


def _child(how: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.masters", "--read", how]
    told: dict[str, Any] = json.loads(subprocess.check_output(command).splitlines()[-1])
    return told


def _read(*, whole: bool) -> dict[str, Any]:
    import django

    django.setup()
    from crossdock.companies.scope import company_scope
    from crossdock.posting.mapping import connection
    from crossdock.posting.models import BooksCode
    from crossdock.posting.reading_codes import read_codes

    with company_scope(int(os.environ["BENCH_COMPANY"])):
        began = time.perf_counter()
        count = read_codes(connection(), whole=whole)
        seconds = time.perf_counter() - began
        items = BooksCode.objects.filter(kind=BooksCode.Kind.ITEM).count()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"count": count, "items": items, "seconds": seconds, "peak": peak}


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    sys.exit(main())
