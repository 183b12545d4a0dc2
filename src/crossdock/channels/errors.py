"""The one tree of errors that a channel can raise.

ChannelError                 something went wrong; ``words`` are the channel's own, shown to people
├── NotSent                  the request did not reach the channel: safe to repeat
│   └── Unreachable          nobody is there: no line, no name, no answer to a knock
├── Unclear                  the request may have worked (time-out, cut line, 5xx on a write): ask, never assume
├── Throttled                the channel refuses for now; ``wait`` seconds
│   ├── NoSeat               no user licence is free: a person must give one up
│   └── NotAlone             we may be a copy of another installation: nothing goes out until a person has looked
├── Refused                  the channel said no; ``code`` is its own
│   ├── TokenDead            the seller must link the store again
│   ├── TokenExpired         the access token is over; a refresh may help
│   ├── NotPermitted         this kind of call is not allowed to us; the token lives, others work
│   └── NotFound             the channel does not know this id (in this shop)
└── Unreadable               the answer does not have the promised form
"""

from __future__ import annotations

from crossdock.rules.from_outside import plain

_LONGEST_CODE = 80


class ChannelError(Exception):
    """Something went wrong while talking to a channel.

    ``words`` is what the channel said, or what happened to the line, fit for a person to read;
    it never holds a token, a key or a buyer's data. ``code`` is the channel's own code or "".
    """

    turned_away = False
    """Whether nobody looked at what was asked: that says nothing of it, and is no try."""

    def __init__(self, words: str, *, code: str = "") -> None:
        super().__init__(words)
        self.words = plain(words)
        self.code = plain(code, _LONGEST_CODE)


class NotSent(ChannelError):
    """The request did not reach the channel, so that repeating it is safe."""


class Unreachable(NotSent):
    """Nobody is there: the name is not known, or no connection comes about."""

    turned_away = True


class Unclear(ChannelError):
    """The request was sent, but its answer never came or says nothing: it may have worked."""


class Throttled(ChannelError):
    """More calls are refused for now: by the channel, or (``is_ours``) by our own pace before anything
    was sent. ``wait`` is in seconds."""

    turned_away = True

    def __init__(
        self, words: str, *, code: str = "", wait: float = 1.0, is_ours: bool = False
    ) -> None:
        super().__init__(words, code=code)
        self.wait = wait
        self.is_ours = is_ours


class NoSeat(Throttled):
    """Every user licence is taken: nothing goes on until a person gives one up, or buys one."""


class NotAlone(Throttled):
    """Nothing was sent: this installation may be a copy of one that still runs, until a person says that
    it is the only one."""

    def __init__(self, words: str) -> None:
        super().__init__(words, wait=60.0, is_ours=True)


class Refused(ChannelError):
    """The channel understood, and said no."""


class TokenDead(Refused):
    """The authorisation is over: only the seller can renew it, by linking the store again."""

    turned_away = True


class TokenExpired(Refused):
    """The access token is no longer taken; a refresh may help."""

    turned_away = True


class NotPermitted(Refused):
    """Our app, or this seller, has no permission for this kind of call. The token lives and other calls
    work: nothing is to be linked again for their sake."""


class NotFound(Refused):
    """The channel does not know this id in this shop."""


class Unreadable(ChannelError):
    """The channel answered in a form that nobody promised."""


def ends_token(refusal: Refused) -> bool:
    """Whether it is about our token, and no answer to what was asked."""
    return isinstance(refusal, TokenDead | TokenExpired)
