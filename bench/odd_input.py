"""No error page by input: every address, form and parameter, as everybody, with odd values.

    python -m bench.odd_input                         all of it: about 40 minutes on two cores
    python -m bench.odd_input --roles owner packer --values 5 --seed 11

The walk of ``tests/house/odd_input.py`` without its shortness: what pages offer and views ask for gets every odd
value there is, one at a time, then odd things in the addresses, in headers and in cookies. Everything is real,
and each request is rolled back.
"""

from __future__ import annotations

import argparse
import logging
import random
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bench.stage import Broken, Stage, stage

if TYPE_CHECKING:
    from tests.sandbox.running import RunningSandbox


def main() -> int:
    """Walk as the roles that are asked for; 0 when no answer was an error page."""
    from tests.house.odd_values import ODD, ROLES

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--roles", nargs="+", default=ROLES, choices=ROLES)
    parser.add_argument(
        "--values", type=int, default=len(ODD), help="odd values for each parameter"
    )
    parser.add_argument("--seed", type=int, default=20261130)
    options = parser.parse_args()
    print(f"seed {options.seed}, {options.values} of {len(ODD)} odd values a parameter", flush=True)
    with stage(OnAcme) as played:
        for who in options.roles:
            _walk(played, who, options.values, random.Random(f"{options.seed}/{who}"))
    print("Every promise held.", flush=True)
    return 0


def _walk(played: OnAcme, who: str, values: int, chance: random.Random) -> None:
    from tests.house.odd_input import Walk
    from tests.house.odd_values import HEADERS, IN_ADDRESSES

    walk, began = Walk(played.cast, played.things), time.monotonic()
    client = walk.visitor(who)
    targets = walk.targets(client)
    walk.odd_values(client, targets, chance, values)
    walk.odd_addresses(client, chance, min(values, len(IN_ADDRESSES)))
    walk.odd_headers(client, chance, min(values, len(HEADERS)))
    found = walk.found
    told = ", ".join(f"{number} × {status}" for status, number in sorted(found.statuses.items()))
    print(
        f"{who}: {len(walk.addresses())} addresses, {found.targets} forms and queries, "
        f"{found.parameters} parameters, {found.sent} requests in {time.monotonic() - began:.0f} s: "
        f"{told}; {len(found.broken)} error pages",
        flush=True,
    )
    if found.broken:
        raise Broken("\n".join(found.broken))


class OnAcme(Stage):
    """The cast of the tests, with one of everything that addresses name, and pages that answer in here."""

    def __init__(self, sandbox: RunningSandbox, data: Path) -> None:
        from django.conf import settings
        from django.test.utils import setup_test_environment

        from tests.cast import assemble, linked_store
        from tests.house.test_every_url import things_of_acme

        static = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
        settings.STORAGES = {**settings.STORAGES, "staticfiles": static}
        setup_test_environment()
        logging.disable(logging.CRITICAL)
        self.sandbox, self.data = sandbox, data
        self.workers, self.begun = [], 0
        self.cast = assemble()
        self.things = things_of_acme(self.cast, linked_store(self.cast.acme, sandbox), sandbox)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    sys.exit(main())
