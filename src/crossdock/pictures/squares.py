"""A picture from anywhere made into small squares of our own.

Nothing of the file that came goes further: what is served was drawn anew from its pixels, so that
neither its metadata nor anything hidden in it reaches a browser.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from crossdock.pictures.models import LARGE, SMALL

MOST_PIXELS = 25_000_000
"""5000 × 5000: the most that Lazada takes from sellers. A picture's size stands in its first bytes,
so that a larger one is refused before any memory is taken for it."""

_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
_UNREADABLE = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    LookupError,
    ArithmeticError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)
"""What Pillow's decoders raise when a file is none, is cut, or lies about itself."""


class NotAPicture(Exception):
    """These bytes give no picture; the message says why."""


def squares(body: bytes) -> dict[int, bytes]:
    """Size in pixels → a WebP square of the whole picture on white. Told by its content alone; of a
    moving picture its first frame. Raises NotAPicture."""
    with _opened(body) as found:
        found.draft("RGB", (LARGE, LARGE))
        large = ImageOps.pad(_drawn(found, LARGE), (LARGE, LARGE), color="white")
        small = large.resize((SMALL, SMALL), Image.Resampling.LANCZOS)
        return {LARGE: _webp(large, 78), SMALL: _webp(small, 65)}


def drawn_anew(body: bytes, longest: int) -> bytes:
    """The whole picture as WebP, its longer side at most so many pixels. Raises NotAPicture."""
    with _opened(body) as found:
        found.draft("RGB", (longest, longest))
        return _webp(_drawn(found, longest), 78)


@contextmanager
def _opened(body: bytes) -> Iterator[Image.Image]:
    """The picture, told by its content alone. Raises NotAPicture, also for what happens inside."""
    try:
        with Image.open(BytesIO(body), formats=_FORMATS) as found:
            width, height = found.size
            if width * height > MOST_PIXELS:
                raise NotAPicture(f"The picture has {width} × {height} pixels: too many.")
            yield found
    except UnidentifiedImageError:
        raise NotAPicture("This is no PNG, JPEG, WebP or GIF picture.") from None
    except _UNREADABLE as error:
        raise NotAPicture(f"The picture cannot be read: {str(error)[:120]}") from error


def _drawn(found: Image.Image, longest: int) -> Image.Image:
    """The picture as it is to be seen: turned as its camera says, on white where it is transparent."""
    plain = "RGBA" if found.has_transparency_data else "RGB"
    drawn = found if found.mode == plain else found.convert(plain)
    drawn.thumbnail((longest, longest))
    drawn = ImageOps.exif_transpose(drawn)
    if plain == "RGB":
        return drawn
    return Image.alpha_composite(Image.new("RGBA", drawn.size, "white"), drawn).convert("RGB")


def _webp(square: Image.Image, quality: int) -> bytes:
    made = BytesIO()
    square.save(made, "WEBP", quality=quality)
    return made.getvalue()
