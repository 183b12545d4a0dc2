"""Who may call for which shop: codes from the authorise page, access and refresh tokens."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

from crossdock_sandbox.stand import Stand


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """In seconds."""

    access: float
    refresh: float
    code: float


@dataclass
class Grant:
    """A pair of tokens. Unix times."""

    shop: str
    access: str
    refresh: str
    access_ends: float
    refresh_ends: float
    refresh_used: bool = False
    also: list[str] | None = None
    """Shops for which a main account's first refresh token still works, once each."""
    shops: list[str] | None = None
    """Every shop that it is good for, where one authorisation covers several; None: ``shop`` alone."""
    scopes: list[str] | None = None
    """What the seller allowed; None: everything that the app asks for."""

    @property
    def covers(self) -> list[str]:
        """The shops that it is good for."""
        return self.shops or [self.shop]


@dataclass
class Code:
    """An authorisation code: works once, for a while. More than one shop: a main account's."""

    shops: tuple[str, ...]
    ends: float
    scopes: list[str] | None = None
    """What the seller allowed; None: everything that the app asks for."""


class Grants:
    """A channel's codes and tokens, kept over restarts."""

    def __init__(
        self,
        stand: Stand,
        channel: str,
        lifetimes: Lifetimes,
        new_token: Callable[[], tuple[str, str]],
        new_code: Callable[[], str],
    ) -> None:
        self.stand, self.lifetimes = stand, lifetimes
        self.new_token, self.new_code = new_token, new_code
        self.room = f"{channel}-grants"
        self.codes: dict[str, Code] = {}
        self.on_revoke: Callable[[str], None] = lambda _shop: None
        """Called with each shop whose grants were ended."""
        self.by_access = {access: Grant(**kept) for access, kept in stand.shelf.all(self.room)}

    def code(self, *shops: str, scopes: list[str] | None = None) -> str:
        """A new authorisation code."""
        made = self.new_code()
        self.codes[made] = Code(shops, time.time() + self.lifetimes.code, scopes)
        return made

    def redeem(self, code: str) -> Code | None:
        """Use a code up; None when it is wrong, used or over."""
        found = self.codes.pop(code, None)
        return found if found and found.ends > time.time() else None

    def grant(
        self,
        shop: str,
        refresh_ends: float | None = None,
        also: list[str] | None = None,
        *,
        shops: list[str] | None = None,
        scopes: list[str] | None = None,
    ) -> Grant:
        """A new pair of tokens; ``refresh_ends`` where the refresh token keeps an earlier end."""
        present = time.time()
        access, refresh = self.new_token()
        made = Grant(
            shop=shop,
            access=access,
            refresh=refresh,
            access_ends=present + self.lifetimes.access,
            refresh_ends=refresh_ends or present + self.lifetimes.refresh,
            also=also,
            shops=shops,
            scopes=scopes,
        )
        self.keep(made)
        return made

    def living(self, access: str) -> Grant | None:
        """The grant of an access token that still works."""
        found = self.by_access.get(access)
        return found if found and found.access_ends > time.time() else None

    def of_refresh(self, refresh: str) -> Grant | None:
        """The grant of a refresh token, whether it still works or not."""
        return next((one for one in self.by_access.values() if one.refresh == refresh), None)

    def keep(self, grant: Grant) -> None:
        """Keep a grant."""
        self.by_access[grant.access] = grant
        self.stand.shelf.put(self.room, grant.access, asdict(grant))

    def revoke(self, shop: str) -> int:
        """End every grant of a shop, also one that covers other shops; how many."""
        gone = [grant for grant in self.by_access.values() if shop in grant.covers]
        for grant in gone:
            del self.by_access[grant.access]
            self.stand.shelf.drop(self.room, grant.access)
        if gone:
            self.on_revoke(shop)
        return len(gone)

    def expire_access(self) -> None:
        """End every access token now; refresh tokens live on."""
        for grant in self.by_access.values():
            grant.access_ends = 0.0
            self.keep(grant)

    def pass_time(self, seconds: float) -> None:
        """Bring every end nearer."""
        for grant in self.by_access.values():
            grant.access_ends -= seconds
            grant.refresh_ends -= seconds
            self.keep(grant)


def both(prefix: str = "", size: int = 27) -> tuple[str, str]:
    """Two fresh tokens."""
    return f"{prefix}{secrets.token_hex(size)}", f"{prefix}{secrets.token_hex(size)}"
