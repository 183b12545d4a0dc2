"""The orders desk at 10,000, 100,000 and 1,000,000 orders, through real HTTP.

    python -m bench.pages                              10k, 100k and 1M
    python -m bench.pages --sizes 10000 1000000 --keep /var/tmp/books

For every page: p50 and p99 in ms, queries, bytes on the wire. Kept in bench/results/ as JSON and as a
table. It fails where p50 at the largest book is over 1.25 times that at the smallest, p99 over 3 times
p50, or a page takes more than 12 queries.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from tests.ports import free_port

ROOT = Path(__file__).parents[1]
_FLAT, _STEADY, _QUERIES = 1.25, 3.0, 12
DEEP = 5000
"""Pages by which the deep one lies behind the first (fewer where the book has fewer)."""


def main() -> int:
    """Measure the sizes that are asked for; 0 when every promise holds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", nargs="+", type=int, default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--times", type=int, default=120)
    parser.add_argument(
        "--keep", type=Path, help="a folder in which books stay, to be measured again"
    )
    parser.add_argument("--no-results", action="store_true", help="print only")
    options = parser.parse_args()
    told: dict[int, dict[str, Any]] = {}
    for size in options.sizes:
        command = [
            sys.executable,
            "-m",
            "bench.pages_of_one",
            "--orders",
            str(size),
            "--times",
            str(options.times),
        ]
        if options.keep:
            command += ["--keep", str(options.keep)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        told[size] = json.loads(done.stdout.splitlines()[-1])
    table = _table(told)
    print(table)
    if not options.no_results:
        _keep(told, table)
    broken = _broken(told)
    for words in broken:
        print(words)
    print("Every promise held." if not broken else f"{len(broken)} promises are broken.")
    return 1 if broken else 0


def _table(told: Mapping[int, Mapping[str, Any]]) -> str:
    sizes = list(told)
    head = ["page", *(f"{size:,}: p50 / p99 ms" for size in sizes), "ratio", "queries", "kB"]
    rows = []
    for page in told[sizes[0]]:
        figures = [told[size][page] for size in sizes]
        ratio = figures[-1]["p50"] / figures[0]["p50"]
        rows.append(
            [page, *(f"{one['p50']:.1f} / {one['p99']:.1f}" for one in figures), f"{ratio:.2f}",
             str(max(one["queries"] for one in figures)), f"{max(one['bytes'] for one in figures) / 1000:.0f}"]
        )  # fmt: skip
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _broken(told: Mapping[int, Mapping[str, Any]]) -> list[str]:
    sizes, words = list(told), []
    for page, first in told[sizes[0]].items():
        last = told[sizes[-1]][page]
        if last["p50"] > first["p50"] * _FLAT:
            words.append(
                f"{page}: {last['p50']:.1f} ms at {sizes[-1]:,}, {first['p50']:.1f} at {sizes[0]:,}"
            )
        for size in sizes:
            one = told[size][page]
            if one["p99"] > one["p50"] * _STEADY:
                words.append(f"{page} at {size:,}: p99 {one['p99']:.1f} ms, p50 {one['p50']:.1f}")
            if one["queries"] > _QUERIES:
                words.append(f"{page} at {size:,}: {one['queries']} queries")
    return words


def _keep(told: Mapping[int, Mapping[str, Any]], table: str) -> None:
    folder = ROOT / "bench/results"
    folder.mkdir(exist_ok=True)
    name = f"{datetime.now(UTC):%Y-%m-%d}-pages"
    about = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "hardware": hardware(),
        "commit": _commit(),
    }
    (folder / f"{name}.json").write_text(json.dumps({**about, "pages": told}, indent=1) + "\n")
    facts = "\n".join(
        f"- {key}: {value}"
        for key, value in {**about["hardware"], "commit": about["commit"]}.items()
    )
    (folder / f"{name}.md").write_text(f"# Pages of the orders desk\n\n{facts}\n\n{table}\n")


def hardware() -> dict[str, str]:
    """What the figures were measured on."""
    cpu = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    model = re.search(r"model name\s*:\s*(.+)", cpu)
    memory = re.search(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text()) if cpu else None
    return {
        "cpu": f"{model.group(1) if model else platform.machine()}, {os.cpu_count()} cores",
        "memory": f"{int(memory.group(1)) // 1024 // 1024} GiB" if memory else "?",
        "python": platform.python_version(),
    }


def _commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True
    )
    return done.stdout.strip()


@contextmanager
def book(orders: int, keep: Path | None) -> Iterator[str]:
    """A database with a book of so many orders, and the web process on it; its address."""
    from crossdock.ops import embedded

    data = (keep / str(orders)) if keep else Path(tempfile.mkdtemp(prefix="crossdock-bench-"))
    data.mkdir(parents=True, exist_ok=True)
    port = free_port()
    os.environ |= {
        "CROSSDOCK_DATA": str(data),
        "DATABASE_URL": embedded.start(data).url(),
        "DJANGO_SETTINGS_MODULE": "crossdock.settings",
        "CROSSDOCK_PUBLIC_URL": f"http://localhost:{port}",
        "CROSSDOCK_PORT": str(port),
    }
    import django

    django.setup()
    from django.core.management import call_command

    from bench import datasets
    from crossdock.companies.models import Company

    call_command("migrate", verbosity=0, interactive=False)
    call_command("collectstatic", verbosity=0, interactive=False)
    if not Company.objects.exists():
        datasets.build(orders)
    web = _web(port)
    try:
        yield f"http://localhost:{port}"
    finally:
        web.terminate()
        web.wait()
        if keep:
            embedded.stop(data)
        else:
            embedded.destroy(data)
            shutil.rmtree(data, ignore_errors=True)


def _web(port: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "bench.counted", str(port)]
    web = subprocess.Popen(command, cwd=ROOT, stdout=sys.stderr)
    for _ in range(300):
        try:
            httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False)
            return web
        except httpx.HTTPError:
            time.sleep(0.1)
    raise RuntimeError("the web process does not answer")


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which this share of the values lies."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
