"""What it means for stores that the keys of their tokens are lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from crossdock.companies.sealing import SealedField
from crossdock.stores.tokens import DEAD

_WHY = "the keys that its tokens were sealed with are lost."


def _link_again(stores: Any) -> Iterator[str]:
    """Without one of its tokens a store must be linked again."""
    for store in stores.select_related("company").order_by("company__name", "name"):
        stores.model.objects.filter(pk=store.pk).update(
            access_token_sealed=b"",
            refresh_token_sealed=b"",
            refresh_started_at=None,
            token_dead_words=DEAD + _WHY,
        )
        yield (
            f"{store.company.name}: the store {store.name} must be linked again by an owner, under Stores."
        )


SEALED = tuple(
    SealedField(what, "stores.Store", field, _link_again)
    for what, field in (
        ("access tokens of stores", "access_token_sealed"),
        ("refresh tokens of stores", "refresh_token_sealed"),
    )
)
