"""A label on the paper in the printer: whole, at 100%, turned where it fits only so.

Nothing of a label is drawn anew or scaled: only the paper around it grows. The label lies in the top
left corner of the paper, as the printer feeds it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import pikepdf

_POINTS_A_MM = Decimal(72) / Decimal("25.4")
_ROUNDING = Decimal("0.6")
"""Points by which a page may be larger than the paper that it was made for: channels round differently."""
_LONGEST = Decimal(14_400)
"""Points: the longest side that PDF readers take (PDF 32000-1, annex C)."""
_QUARTER = 90
_FULL = 360


class OddPage(ValueError):
    """A page that cannot be laid on paper; the text says why, as the end of a sentence."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A paper, upright as it lies in the printer, in points (1/72 inch)."""

    width: Decimal
    height: Decimal

    @classmethod
    def of_mm(cls, width: int, height: int) -> Sheet:
        """A paper of so many millimetres."""
        return cls(width * _POINTS_A_MM, height * _POINTS_A_MM)

    def holds(self, width: Decimal, height: Decimal) -> bool:
        """Whether something of this size lies on it as it is."""
        return width <= self.width + _ROUNDING and height <= self.height + _ROUNDING


@dataclass(frozen=True, slots=True)
class _Box:
    left: Decimal
    bottom: Decimal
    right: Decimal
    top: Decimal

    @property
    def width(self) -> Decimal:
        return self.right - self.left

    @property
    def height(self) -> Decimal:
        return self.top - self.bottom


def size_of(page: pikepdf.Page) -> tuple[Decimal, Decimal]:
    """Width and height of a page in points, as a reader sees it. Raises OddPage."""
    box, unit = _seen(page), _unit(page)
    width, height = box.width * unit, box.height * unit
    return (height, width) if _rotation(page) % (2 * _QUARTER) else (width, height)


def fits(page: pikepdf.Page, sheet: Sheet) -> bool:
    """Whether a page lies on this paper whole, upright or turned."""
    width, height = size_of(page)
    return sheet.holds(width, height) or sheet.holds(height, width)


def place(page: pikepdf.Page, sheet: Sheet) -> bool:
    """Lay a page of an open document on this paper; False (and nothing done) where it is larger."""
    if not fits(page, sheet):
        return False
    rotation, unit = _rotation(page), _unit(page)
    if not sheet.holds(*size_of(page)):
        rotation = (rotation + _QUARTER) % _FULL
    seen = _seen(page)
    _clip_to(page, seen)
    around = _around(seen, rotation, sheet.width / unit, sheet.height / unit)
    paper = pikepdf.Array([around.left, around.bottom, around.right, around.top])
    page.obj.MediaBox = paper
    page.obj.CropBox = paper
    page.obj.Rotate = rotation
    return True


def _around(seen: _Box, rotation: int, width: Decimal, height: Decimal) -> _Box:
    """The paper, in the page's own coordinates: its top left corner, as it is seen, is the label's.

    PDF 32000-1, 7.7.3.3: ``Rotate`` turns the page clockwise when it is shown, so that the corner that
    is seen top left is another one of the box each time.
    """
    width, height = max(width, _across(seen, rotation)), max(height, _down(seen, rotation))
    if rotation == _QUARTER:
        return _Box(seen.left, seen.bottom, seen.left + height, seen.bottom + width)
    if rotation == 2 * _QUARTER:
        return _Box(seen.right - width, seen.bottom, seen.right, seen.bottom + height)
    if rotation == 3 * _QUARTER:
        return _Box(seen.right - height, seen.top - width, seen.right, seen.top)
    return _Box(seen.left, seen.top - height, seen.left + width, seen.top)


def _across(seen: _Box, rotation: int) -> Decimal:
    return seen.height if rotation % (2 * _QUARTER) else seen.width


def _down(seen: _Box, rotation: int) -> Decimal:
    return seen.width if rotation % (2 * _QUARTER) else seen.height


def _clip_to(page: pikepdf.Page, seen: _Box) -> None:
    """Keep hidden what the page hides: the paper that grows would show what lies outside of it."""
    clip = f"q {seen.left:f} {seen.bottom:f} {seen.width:f} {seen.height:f} re W n\n"
    page.contents_add(clip.encode(), prepend=True)
    page.contents_add(b"\nQ")


def _seen(page: pikepdf.Page) -> _Box:
    """The part of the page that is shown, whichever way round its corners are written."""
    x, y, other_x, other_y = (_number(one, "box") for one in page.cropbox.as_list())
    box = _Box(min(x, other_x), min(y, other_y), max(x, other_x), max(y, other_y))
    if not (0 < box.width <= _LONGEST and 0 < box.height <= _LONGEST):
        raise OddPage("has a page without a size that paper can have.")
    return box


def _rotation(page: pikepdf.Page) -> int:
    turned = _number(page.obj.get("/Rotate", 0), "turn")
    if turned % _QUARTER:
        raise OddPage("has a page that is turned askew.")
    return int(turned) % _FULL


def _unit(page: pikepdf.Page) -> Decimal:
    unit = _number(page.obj.get("/UserUnit", 1), "unit")
    if not 0 < unit <= _LONGEST:
        raise OddPage("has a page without a size that paper can have.")
    return unit


def _number(value: object, what: str) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise OddPage(f"has a page whose {what} is no number.") from None
    if not number.is_finite():
        raise OddPage(f"has a page whose {what} is no number.")
    return number
