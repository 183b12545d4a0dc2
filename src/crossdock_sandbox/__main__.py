"""``python -m crossdock_sandbox``."""

from crossdock_sandbox.cli import main

main()
