"""The run's own PostgreSQL: a pytest plugin, since it must be there before Django reads its settings."""

from __future__ import annotations

import atexit
import importlib.util
import os
import shutil
import sys
import tempfile
from pathlib import Path

if importlib.util.find_spec("crossdock") is None:
    sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

if "PYTEST_XDIST_WORKER" not in os.environ:
    from crossdock.ops import embedded

    data = Path(tempfile.mkdtemp(prefix="crossdock-tests-"))
    # Before the start, so that one that fails leaves nothing either; the last registered goes first.
    atexit.register(shutil.rmtree, data, ignore_errors=True)
    atexit.register(embedded.destroy, data)
    os.environ["CROSSDOCK_DATA"] = str(data)
    os.environ["DATABASE_URL"] = embedded.start(data, fast=True).url()
