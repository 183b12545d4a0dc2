"""Keys can be shown, made anew and gone on without: no sealed secret is forgotten, and none is shown."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.apps import apps
from django.db.models import BinaryField

from crossdock.companies import sealing
from crossdock.companies.scope import all_companies, company_scope
from crossdock.companies.sealing import WrongKey, open_sealed, places, seal
from crossdock.companies.two_step import SealedTwoStep
from crossdock.configuration import BadSetting
from crossdock.keys_file import (
    DamagedKeys,
    KeysAtHand,
    id_of,
    keys_file,
    put_damaged_aside,
    read,
    read_or_make,
)
from crossdock.ops import keys as ops_keys
from crossdock.ops.check import why_unsafe
from crossdock.ops.keys import KeysRefused, go_on_without, rotate, shown
from crossdock.posting.connect import client_of
from crossdock.posting.models import SqlAccount
from crossdock.stores.models import Store
from tests.cast import Cast

SOURCE = Path(sealing.__file__).parents[1]
SEALING_ROOMS = {
    "companies/sealing.py": "where it is done",
    "companies/two_step.py": "seeds of two-factor login",
    "stores/tokens.py": "access tokens of stores",
    "posting/connect.py": "secrets of SQL Account",
    "posting/forms.py": "goes through a page once, and is kept nowhere",
}
"""Who seals, and which registered place keeps it."""


@pytest.fixture
def data(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with keys of its own."""
    settings.DATA_DIR = tmp_path
    settings.TOKEN_KEYS = KeysAtHand(keys_file(tmp_path), read_or_make(tmp_path).token_keys)
    monkeypatch.setattr(ops_keys, "_SECONDS", 0.0)
    return tmp_path


@pytest.fixture
def secrets(data: Path, cast: Cast) -> Iterator[None]:
    """Every kind of secret that is kept, in two companies."""
    shared = {"access_token_sealed": seal("access"), "refresh_token_sealed": seal("refresh")}
    for company, shop in ((cast.acme, "1"), (cast.bolt, "2")):
        with company_scope(company):
            Store.objects.create(
                company=company, channel="tiktok", region="MY", shop_id=shop, name=f"Shop {shop}",
                token_holder="one", **shared,
            )  # fmt: skip
    with company_scope(cast.acme):
        SqlAccount.objects.create(
            company=cast.acme, access_key="k", secret_key_sealed=seal("books' secret")
        )
    seals = SealedTwoStep()
    Authenticator.objects.create(
        user=cast.pat, type="totp", data={"secret": seals.encrypt("pat's seed")}
    )
    Authenticator.objects.create(
        user=cast.pat, type="recovery_codes",
        data={"migrated_codes": [seals.encrypt("11"), seals.encrypt("22")], "used_mask": 0},
    )  # fmt: skip
    with all_companies():
        yield


def opened() -> list[str]:
    """Every secret that is kept, opened."""
    return sorted(open_sealed(value) for place in places() for value in place.values())


ALL = sorted(["access", "refresh", "books' secret", "pat's seed", "11", "22"])


def forgotten(data: Path) -> None:
    """keys.toml is gone, and another was made."""
    keys_file(data).unlink()
    read_or_make(data)


def test_every_sealed_field_is_registered() -> None:
    fields = {
        (model._meta.label, field.name)
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, BinaryField) and "seal" in field.name
    }
    known = {
        (place.model, place.field) for place in places() if isinstance(place, sealing.SealedField)
    }
    assert fields == known


def test_whoever_seals_is_known_with_the_place_where_it_is_kept() -> None:
    """A new one must say here where it keeps what it seals, and register that place."""
    sealers = set()
    for file in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            called = node.func if isinstance(node, ast.Call) else None
            if isinstance(called, ast.Name) and called.id == "seal":
                imports = (
                    "companies.sealing import" in file.read_text() or file.name == "sealing.py"
                )
                if imports:
                    sealers.add(str(file.relative_to(SOURCE)))
    assert sealers == set(SEALING_ROOMS)
    registered = {place.what for place in places()}
    assert {
        "seeds of two-factor login",
        "access tokens of stores",
        "secrets of SQL Account",
    } < registered


def test_ids_and_days_are_shown_and_never_a_key(secrets: None, data: Path) -> None:
    keys = read(keys_file(data))
    told = "\n".join(shown())
    assert id_of(keys.token_keys[0]) in told
    assert f"made {keys.made[id_of(keys.token_keys[0])]}" in told
    assert "6 secrets are sealed with it" in told
    for key in (*keys.token_keys, keys.django_secret):
        assert key not in told
        assert key[:12] not in told


def test_rotating_seals_everything_anew_and_drops_the_old_key(secrets: None, data: Path) -> None:
    (before,) = read(keys_file(data)).token_keys
    told = "\n".join(rotate())
    (after,) = read(keys_file(data)).token_keys
    assert before != after
    assert f"Dropped: {id_of(before)}" in told
    assert opened() == ALL
    for place in places():
        for value in place.values():
            Fernet(after).decrypt(value)
    assert keys_file(data).stat().st_mode & 0o777 == 0o600


def test_stores_that_share_a_pair_of_tokens_still_share_it(secrets: None) -> None:
    """What one of them learns of the pair is found by its sealed form."""
    list(rotate())
    pairs = Store.objects.values_list("access_token_sealed", "refresh_token_sealed")
    assert len({(bytes(a), bytes(b)) for a, b in pairs}) == 1


def test_a_rotation_that_was_killed_goes_on_with_the_key_that_it_made(
    secrets: None, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (before,) = read(keys_file(data)).token_keys
    broken = places()[-1]
    with monkeypatch.context() as patch:

        def kill(*_: object) -> None:
            raise KeyboardInterrupt

        patch.setattr(type(broken), "replace", kill)
        with pytest.raises(KeyboardInterrupt):
            list(rotate())
    newest, old = read(keys_file(data)).token_keys
    assert old == before, "kept while anything is sealed with it"
    assert opened() == ALL
    assert "gone on with" in "\n".join(rotate())
    assert read(keys_file(data)).token_keys == (newest,)
    assert opened() == ALL


def test_what_is_sealed_while_it_rotates_is_sealed_anew_too(
    secrets: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A token is renewed by a process that had looked at the old key a moment ago."""
    late = seal("renewed meanwhile")
    monkeypatch.setattr(
        ops_keys.time, "sleep", lambda _: Store.objects.filter(shop_id="2").update(access_token_sealed=late)
        if "renewed meanwhile" not in opened()
        else None,
    )  # fmt: skip
    list(rotate())
    assert "renewed meanwhile" in opened()


def test_a_process_that_began_before_knows_the_new_key(secrets: None, data: Path) -> None:
    running = KeysAtHand(keys_file(data), tuple(read(keys_file(data)).token_keys))
    assert len(list(running)) == 1
    list(rotate())
    assert list(running) == list(read(keys_file(data)).token_keys)


def test_nothing_is_rotated_where_a_key_is_missing(secrets: None, data: Path) -> None:
    forgotten(data)
    before = keys_file(data).read_bytes()
    with pytest.raises(KeysRefused, match="crossdock keys lost"):
        list(rotate())
    assert keys_file(data).read_bytes() == before


def test_a_start_without_the_right_keys_names_the_way_out(secrets: None, data: Path) -> None:
    assert why_unsafe() == ""
    forgotten(data)
    assert "crossdock keys lost" in why_unsafe()
    with pytest.raises(WrongKey, match="crossdock keys lost"):
        opened()


@pytest.mark.parametrize("only", ["stores", "books", "two-step"])
def test_a_start_is_refused_whatever_does_not_open(secrets: None, data: Path, only: str) -> None:
    if only != "stores":
        Store.objects.all().delete()
    if only != "books":
        SqlAccount.objects.all().delete()
    if only != "two-step":
        Authenticator.objects.all().delete()
    forgotten(data)
    assert "crossdock keys lost" in why_unsafe()


def test_without_lost_keys_work_goes_on_and_everybody_concerned_is_named(
    secrets: None, data: Path, cast: Cast
) -> None:
    forgotten(data)
    told = "\n".join(go_on_without())
    assert "Acme Trading: the store Shop 1 must be linked again" in told
    assert "Bolt Goods: the store Shop 2 must be linked again" in told
    assert "Acme Trading: SQL Account must be connected again" in told
    assert f"{cast.pat.email}: two-factor login is off" in told
    assert why_unsafe() == ""
    for store in Store.objects.all():
        assert store.needs_relink
        assert "keys" in store.token_dead_words
    books = SqlAccount.objects.get()
    assert "connected again" in books.trouble
    with company_scope(cast.acme), pytest.raises(Exception, match="connected again"):
        client_of(books)
    assert not Authenticator.objects.exists()
    with pytest.raises(KeysRefused, match="Nothing is lost"):
        list(go_on_without())


def test_what_the_keys_at_hand_open_is_kept_when_others_are_lost(
    secrets: None, data: Path, cast: Cast
) -> None:
    forgotten(data)
    living = Store.objects.get(shop_id="1")
    Store.objects.filter(pk=living.pk).update(
        access_token_sealed=seal("new"), refresh_token_sealed=seal("new too")
    )
    list(go_on_without())
    living.refresh_from_db()
    assert open_sealed(bytes(living.access_token_sealed)) == "new"
    assert not living.needs_relink


def test_a_damaged_file_is_told_with_the_way_out_and_put_aside_by_it(tmp_path: Path) -> None:
    file = keys_file(tmp_path)
    for content in ("", "token_keys = []", "token_keys = 5\ndjango_secret = 1", "{{{", "\x00"):
        file.write_text(content)
        with pytest.raises(DamagedKeys, match="crossdock keys lost"):
            read_or_make(tmp_path)
    assert BadSetting is not DamagedKeys
    assert "was damaged" in put_damaged_aside(tmp_path)
    assert len(read_or_make(tmp_path).token_keys) == 1
    assert put_damaged_aside(tmp_path) == ""
    assert len(list(tmp_path.glob("keys.damaged-*"))) == 1


def test_a_file_of_before_is_taken_as_it_is(tmp_path: Path) -> None:
    key = Fernet.generate_key().decode()
    keys_file(tmp_path).write_text(f'django_secret = "s"\ntoken_keys = ["{key}"]\n')
    assert read_or_make(tmp_path).token_keys == (key,)
