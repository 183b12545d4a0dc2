"""``crossdock-sandbox``: starts the stand-ins and prints who is who."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from crossdock_sandbox.control.telling import identities
from crossdock_sandbox.server import PortTaken, serve
from crossdock_sandbox.stand import Stand


def main() -> None:
    """Read the options and serve."""
    parser = argparse.ArgumentParser(
        prog="crossdock-sandbox",
        description="Lazada, Shopee, TikTok Shop and SQL Account, played on this machine over real HTTP.",
    )
    parser.add_argument(
        "--base-port", type=int, default=9100, help="control port; the systems follow on +1 to +4"
    )
    parser.add_argument(
        "--data", type=Path, default=None, help="folder that keeps the state (default: memory)"
    )
    parser.add_argument("--seed", type=int, default=7, help="the same seed makes the same world")
    parser.add_argument(
        "--orders", type=int, default=200, help="orders that are there at the first start"
    )
    options = parser.parse_args()
    os.umask(0o077)  # keys, and buyers as real ones look, are for nobody else on this machine
    stand = Stand(options.base_port, options.seed, options.data)
    told = json.dumps(identities(stand), indent=2)
    ready = f"{told}\nThe sandbox is ready: http://127.0.0.1:{options.base_port}"
    try:
        serve(stand, options.orders, ready)
    except PortTaken as taken:
        sys.exit(str(taken))
