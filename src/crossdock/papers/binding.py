"""Many labels, one PDF: page by page, each on the chosen paper, with separator pages where wanted.

Nothing is ever drawn on a label: what is to be said about it stands on the separator page before it.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pikepdf
import structlog

from crossdock.papers.fields import make_plain
from crossdock.papers.label_order import Group, Labels
from crossdock.papers.models import PaperSettings, Separator, Size
from crossdock.papers.placing import Sheet, place, size_of
from crossdock.papers.typeset import typeset

log = structlog.get_logger(__name__)

_POINTS_A_MM = 72 / 25.4
_MOST_NAMED = 40
"""Reprinted orders named on a separator page; the rest is counted."""


def sheet_of(kept: PaperSettings) -> Sheet | None:
    """The paper that the company lays its labels on; None: each label's own."""
    return Sheet.of_mm(*Size(kept.awb_size).millimetres) if kept.awb_size else None


def bind(
    groups: Sequence[Group],
    kept: PaperSettings,
    words: Mapping[str, str],
    note: str,
    target: Path,
    first: Path | None = None,
) -> list[Path]:
    """Write these labels into one PDF; the files that could not be laid into it, which spoil no other.
    ``words`` in the company's language, ``note`` is the small print of separator pages (which batch,
    when, by whom), ``first`` lies before all of them."""
    target.parent.mkdir(parents=True, exist_ok=True)
    own = secrets.token_hex(4)  # two people may open the same labels at the same moment
    draft, pages = target.with_suffix(f".{own}.draft"), target.with_suffix(f".{own}.separators")
    sheet, spoiled = sheet_of(kept), []
    try:
        with pikepdf.new() as bound:
            for part in _parts(groups, kept, words, note, pages, first):
                if not _is_appended(bound, part, sheet):
                    spoiled.append(part[0])
            if len(bound.pages):
                bound.save(draft)
                draft.rename(target)
    finally:
        pages.unlink(missing_ok=True)
        draft.unlink(missing_ok=True)
    return spoiled


def lay(bound: pikepdf.Pdf, label: pikepdf.Pdf, sheet: Sheet | None) -> None:
    """Append a label's pages to a document, each on this paper, with all that a reader shows on them."""
    make_plain(label)
    first = len(bound.pages)
    bound.add_pages_from(label, forms="strip", outlines="ignore")
    if sheet is not None:
        for page in bound.pages[first:]:
            place(page, sheet)


def _is_appended(bound: pikepdf.Pdf, part: _Part, sheet: Sheet | None) -> bool:
    """Append a part; False, and nothing of it, where that fails, for whatever reason."""
    (file, number), first = part, len(bound.pages)
    try:
        with pikepdf.open(file) as opened:
            if number is None:
                lay(bound, opened, sheet)
            else:
                bound.add_pages_from(opened, [number], outlines="ignore")
    except Exception:
        log.exception("a file could not be bound", file=file.name)
        del bound.pages[first:]
        return False
    return True


_Part = tuple[Path, int | None]
"""A file, and the page of it (None: all)."""


def _parts(
    groups: Sequence[Group],
    kept: PaperSettings,
    words: Mapping[str, str],
    note: str,
    pages: Path,
    first: Path | None,
) -> Iterator[_Part]:
    """What the PDF is bound of, in the order of printing. Printed the other way round, a separator still
    lies on top of its labels once the stack is turned over."""
    parts: list[_Part] = [(first, None)] if first else []
    if kept.separator != Separator.NONE and groups:
        typeset("separator", _separators(groups, kept, words, note), pages)
    for place_of_group, group in enumerate(groups):
        if kept.separator != Separator.NONE:
            parts.append((pages, place_of_group))
        parts += [(file, None) for labels in group.labels for file in labels.files]
    return iter(parts[::-1] if kept.last_first else parts)


def _separators(
    groups: Sequence[Group], kept: PaperSettings, words: Mapping[str, str], note: str
) -> dict[str, Any]:
    return {
        "language": kept.language,
        "labels": dict(words),
        "printed": note,
        "size": kept.awb_size or Size.A6.value,
        "groups": [_separator(group, kept, words) for group in groups],
    }


def _separator(group: Group, kept: PaperSettings, words: Mapping[str, str]) -> dict[str, Any]:
    again = [one for one in group.labels if one.times_printed > 1]
    named = [f"{one.order_id} ({one.times_printed}×)" for one in again[:_MOST_NAMED]]
    left = len(again) - len(named)
    nameless = "no_courier" if kept.separator == Separator.COURIER else "no_list"
    width, height = paper_of(group.labels, kept)
    return {
        "title": group.title or words[nameless],
        "order_count": sum(one.orders for one in group.labels),
        "first": group.labels[0].order_id,
        "last": group.labels[-1].order_id,
        "again": [*named, *([f"+{left:,} {words['more']}"] if left else [])],
        "width": width,
        "height": height,
    }


def paper_of(labels: Sequence[Labels], kept: PaperSettings) -> tuple[float, float]:
    """Millimetres of a separator page: the labels' own paper, so that both come off one roll."""
    files = [file for one in labels for file in one.files]
    if kept.awb_size or not files:
        width, height = Size(kept.awb_size or Size.A6.value).millimetres
        return float(width), float(height)
    with pikepdf.open(files[0]) as opened:
        across, down = size_of(opened.pages[0])
    return float(across) / _POINTS_A_MM, float(down) / _POINTS_A_MM
