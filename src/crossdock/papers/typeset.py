"""Laying out papers: a Typst template of this room and its data, made into a PDF.

What is printed is data, never markup: it reaches a template as JSON. The fonts are our own, so that a
paper looks the same wherever it is made.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pikepdf
import typst

_HERE = Path(__file__).parent
_TEMPLATES = _HERE / "typ"
_REMEMBERED = 11
_SCREEN = 110.0
"""Dots per inch of a picture for the screen."""


def typeset(template: str, data: Mapping[str, Any], target: Path) -> int:
    """Lay out one paper into a PDF file; its pages. Raises typst.TypstError for a broken template."""
    _compiler(template, data).compile(output=str(target), format="pdf", pdf_tags=False)
    _forget()
    with pikepdf.open(target) as made:
        return len(made.pages)


def first_page(template: str, data: Mapping[str, Any]) -> bytes:
    """The first page of one paper as a PNG, for a look at it on the screen."""
    drawn = _compiler(template, data).compile(format="png", ppi=_SCREEN)
    pages: list[bytes] = [drawn] if isinstance(drawn, bytes) else drawn or []
    return pages[0]


def join(parts: Iterable[Path], target: Path) -> int:
    """Put PDFs into one, page by page, untouched; its pages. The parts stay."""
    draft = target.with_suffix(".draft")
    with pikepdf.new() as joined:
        for part in parts:
            with pikepdf.open(part) as opened:
                joined.pages.extend(opened.pages)
        count = len(joined.pages)
        joined.save(draft)
    draft.rename(target)
    return count


def _forget() -> None:
    """Typst remembers what it computed for its last ten documents, so that a large paper made in parts
    took ten times the memory of a part: as many empty documents let go of it (2 ms)."""
    for _ in range(_REMEMBERED):
        typst.Compiler(b"", font_paths=_fonts()).compile(format="pdf")


def _compiler(template: str, data: Mapping[str, Any]) -> typst.Compiler:
    return typst.Compiler(
        str(_TEMPLATES / f"{template}.typ"),
        root="/",  # pictures lie in the data folder; templates are ours, and data is never markup
        font_paths=_fonts(),
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
    )


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(_HERE / "fonts")],
    )
