"""Words for whoever started us, who may have gone meanwhile, or have no room left for them."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

import click


def tell(words: str, *, err: bool = False) -> None:
    """Print words. Where nobody can take them they are lost, and nothing ends for it."""
    try:
        click.echo(words, err=err)
    except BrokenPipeError:
        _to_nobody(sys.stderr.fileno() if err else sys.stdout.fileno())
    except OSError:  # a full disk may have room again for the next
        return


def _to_nobody(stream: int) -> None:
    """Drop what still waits to be printed there, and all that comes."""
    with suppress(OSError):
        nobody = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nobody, stream)
        os.close(nobody)
