"""Commands that tell in a sentence why they cannot run, and what they take for a port."""

from __future__ import annotations

from typing import Any

import click

from crossdock.rules.from_outside import whole


class InSentences(click.Group):
    """Commands that tell in a sentence why they cannot run."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except Exception as problem:
            if told := _in_a_sentence(problem):
                raise click.ClickException(told) from None
            raise


def _in_a_sentence(problem: Exception) -> str:
    """What a person can do something about; empty for what is a mistake of ours."""
    from crossdock.configuration import BadSetting
    from crossdock.ops.processes import StartFailed
    from crossdock.ui.away import is_away

    if isinstance(problem, (BadSetting, StartFailed)):
        return str(problem)
    if is_away(problem):
        said = " ".join(str(problem).split())
        return f"The database does not answer; is `crossdock up` running? ({said})"
    return ""


class Port(click.ParamType[int]):
    """The number of a port."""

    name = "port"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number. Raises ClickException."""
        number = whole(str(value), least=1, most=65_535)
        if number is not None:
            return number
        option = param.opts[0] if param else "port"
        raise click.ClickException(f"{option} {value} is no port: choose one from 1 to 65535.")
