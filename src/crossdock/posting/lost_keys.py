"""What it means for books that the key of their secret is lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from crossdock.companies.sealing import SealedField

WORDS = (
    "SQL Account must be connected again: the key that its secret was sealed with is lost. Enter the access key "
    "and the secret key under Posting, Connection."
)


def _connect_again(books: Any) -> Iterator[str]:
    for one in books.select_related("company").order_by("company__name"):
        books.model.objects.filter(pk=one.pk).update(secret_key_sealed=b"", error=WORDS)
        yield f"{one.company.name}: SQL Account must be connected again, under Posting, Connection."


SEALED = SealedField(
    "secrets of SQL Account", "posting.SqlAccount", "secret_key_sealed", _connect_again
)
