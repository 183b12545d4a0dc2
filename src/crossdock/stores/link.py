"""Turning what a channel's page sent back into linked stores.

Several shops may come with one consent (a Shopee main account, a TikTok Shop seller). A shop that
is linked in another company of this installation is left alone, and the others are linked.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import transaction
from django.utils import timezone

from crossdock.channels.contract import App, Channel, Grant, GrantedShop, Shop
from crossdock.channels.errors import ChannelError, NotAlone
from crossdock.channels.patience import unhurried
from crossdock.channels.registry import channel
from crossdock.companies.models import Company
from crossdock.companies.scope import all_companies, company_scope
from crossdock.stores.alone import one_at_a_time
from crossdock.stores.models import FIRST_DAYS, Store
from crossdock.stores.registration import app_of
from crossdock.stores.tokens import pair_lock, tokens_of


class NotLinked(Exception):
    """Nothing was linked; the message says why and what to do."""


@dataclass(slots=True)
class Linked:
    """What came of a consent."""

    new: list[Store] = field(default_factory=list)
    """Linked for the first time, or again after having been unlinked."""
    renewed: list[Store] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    """Names of shops that are linked in another company of this installation."""
    beside: list[str] = field(default_factory=list)
    """Names of shops that were opened too when one certain store was to be linked again."""
    missed: Store | None = None
    """The store that was to be linked again, when its shop was not among those that were opened."""

    @property
    def stores(self) -> list[Store]:
        """Every store that lives through this consent."""
        return [*self.new, *self.renewed]


def link(
    company: Company,
    *,
    channel_name: str,
    region: str,
    query: Mapping[str, str],
    days: int = FIRST_DAYS,
    again: Store | None = None,
) -> Linked:
    """Link every shop that the seller's consent opens; one that is linked already gets new tokens.

    ``region`` is the authorise page's; a shop's own region is told by the channel. ``again``: the
    store that is to be linked again. No other store is made or revived then.
    Raises NotLinked with the channel's words.
    """
    known, app = channel(channel_name), app_of(channel_name)
    try:
        with unhurried():
            grant = known.exchange(app, region=region, query=query)
    except NotAlone as waits:
        raise NotLinked(waits.words) from waits
    except ChannelError as error:
        raise NotLinked(f"{known.title} says: {error.words}") from error
    if not grant.shops:
        raise NotLinked(f"{known.title} did not say which shop this is: try again.")
    shops = [_named(known, app, _at_home(shop, region), grant) for shop in grant.shops]
    with company_scope(company):
        locks = [pair_lock(channel_name, shop.region, shop.shop_id, "") for shop in shops]
        if grant.holder:
            locks.append(pair_lock(channel_name, "", "", grant.holder))
        with one_at_a_time(*locks), transaction.atomic():
            tokens = tokens_of(grant)
            return _Linking(company, channel_name, grant, tokens, region, days, again).all(shops)


@dataclass(frozen=True, slots=True)
class _Linking:
    """One consent being turned into stores, under the locks of its shops and its holder."""

    company: Company
    channel: str
    grant: Grant
    tokens: Mapping[str, Any]
    """Sealed once, so that stores that share a pair can be told by it."""
    page: str
    days: int
    again: Store | None
    linked: Linked = field(default_factory=Linked)

    def all(self, shops: list[GrantedShop]) -> Linked:
        """Every shop; and the holder's other stores, which live by the same pair of tokens."""
        if self.grant.holder:
            self._share()
        for shop in shops:
            self._one(shop)
        if self.again and self.again.pk not in {store.pk for store in self.linked.stores}:
            self.linked.missed = self.again
        return self.linked

    def _share(self) -> None:
        with all_companies():
            Store.objects.filter(
                channel=self.channel, token_holder=self.grant.holder, unlinked_at__isnull=True
            ).update(**self.tokens, token_warned="")

    def _one(self, shop: GrantedShop) -> None:
        here = {"channel": self.channel, "region": shop.region, "shop_id": shop.shop_id}
        store = Store.objects.filter(**here).first()
        if store is not None and store.unlinked_at is None:
            self._give(store, shop)
            self.linked.renewed.append(store)
        elif self._is_taken(here, shop):
            self.linked.taken.append(shop.name)
        elif self.again and (store is None or store.pk != self.again.pk):
            self.linked.beside.append(shop.name)
        else:
            store = store or Store(company=self.company, name=shop.name, **here)
            self._give(store, shop)
            self.linked.new.append(store)

    def _is_taken(self, here: Mapping[str, str], shop: GrantedShop) -> bool:
        """Whether another company has the shop; its key changes with the pair that it shares."""
        with all_companies():
            rows = Store.objects.filter(**here, unlinked_at__isnull=True)
            if self.grant.holder:
                rows.filter(token_holder=self.grant.holder).update(shop_key=shop.key)
            return rows.exists()

    def _give(self, store: Store, shop: GrantedShop) -> None:
        """Tokens and what else the channel tells of the shop: the store lives (again)."""
        fields: dict[str, Any] = {
            **self.tokens,
            "shop_key": shop.key,
            "consent_ends_at": shop.ends_at,
            "token_holder": self.grant.holder,
            "token_warned": "",
            "authorize_region": self.page,
            "linked_at": timezone.now(),
            "unlinking_at": None,
            "unlinked_at": None,
            "sync_error": "",
        }
        if store.pk is None:
            fields["first_days"] = self.days
        elif not store.serves:
            fields["paused_at"] = None
        for name, value in fields.items():
            setattr(store, name, value)
        store.save(update_fields=None if store.pk is None else list(fields))


def _at_home(shop: GrantedShop, region: str) -> GrantedShop:
    """The shop in its own region; in the one that was chosen where the channel does not tell."""
    return shop if shop.region else replace(shop, region=region)


def _named(known: Channel, app: App, shop: GrantedShop, grant: Grant) -> GrantedShop:
    """The shop with its own name; one whose name cannot be read is linked all the same."""
    name = shop.name
    if not name:
        with suppress(ChannelError):
            name = known.shop_name(
                Shop(app, shop.shop_id, shop.region, grant.access_token, key=shop.key)
            )
    return replace(shop, name=(name or f"{known.title} {shop.shop_id}")[:120])
