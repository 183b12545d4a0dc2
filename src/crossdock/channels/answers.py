"""What a seller answers to buyers: cancellations, returns, and what must be asked for first."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from crossdock.rules.facts import ReturnFacts, ReturnMove


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason that the channel takes: its own code, and its own words for people."""

    code: str
    words: str


@dataclass(frozen=True, slots=True)
class Form:
    """What must be asked of a person before an answer can be sent.

    An answer that needs nothing has the empty form. It is read from the channel at the moment of
    use where the channel tells it, since reasons and amounts differ by order.
    """

    reasons: tuple[Reason, ...] = ()
    """Not empty: one must be chosen."""
    wants_comment: bool = False
    wants_email: bool = False
    most_images: int = 0
    """How many pictures of evidence may be sent; 0: none."""
    least_images: int = 0
    least_amount: Decimal | None = None
    """The bounds of an amount that must be given, in the order's currency; None: none is asked."""
    most_amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A picture that supports an answer: PNG or JPEG."""

    name: str
    media_type: str
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class CancelAnswer:
    """A seller's answer to a buyer who asks to cancel."""

    order_id: str
    request_id: str
    """``OrderFacts.cancel_request_id``."""
    accept: bool
    reason: str = ""
    """A ``Reason.code``, where the form asks for one."""
    comment: str = ""


@dataclass(frozen=True, slots=True)
class ReturnAnswer:
    """A seller's move in a return."""

    known: ReturnFacts
    """The return as we know it: its lines, currency and kind."""
    move: ReturnMove
    reason: str = ""
    comment: str = ""
    email: str = ""
    amount: Decimal | None = None
    images: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class ReturnsPage:
    """One page of the returns that changed, and where to go on (None: no more)."""

    returns: tuple[ReturnFacts, ...]
    next: str | None
