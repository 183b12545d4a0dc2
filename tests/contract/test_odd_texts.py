"""Texts of a marketplace that nothing can keep: half an emoji, NUL, control characters. The order arrives."""

from __future__ import annotations

import json
import re
from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest

from crossdock.channels import wire
from crossdock.rules.from_outside import is_plain
from tests.contract.stage import OnStage

ODD = "\ud83d\x00\x01\x1b[1m\ufffe"
_TEXTS = re.compile(r"name|title|remark|note|message|reason|sku|address|variation|text", re.I)


def spoilt(value: Any, name: str = "") -> Any:
    """The same JSON with odd characters at the end of every text that people write."""
    if isinstance(value, dict):
        return {key: spoilt(one, key) for key, one in value.items()}
    if isinstance(value, list):
        return [spoilt(one, name) for one in value]
    return f"{value}{ODD}" if isinstance(value, str) and value and _TEXTS.search(name) else value


@pytest.fixture
def spoiling(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The sandbox's answers are spoilt on the wire; the paths of those that were."""
    paths: list[str] = []
    send = wire.send

    def send_and_spoil(method: str, url: str, **more: Any) -> wire.Answer:
        answer = send(method, url, **more)
        told = json.loads(answer.body)
        odd = spoilt({name: one for name, one in told.items() if name not in ("message", "error")})
        if "order" in url:
            paths.append(url)
            return replace(answer, body=json.dumps({**told, **odd}).encode())
        return answer

    monkeypatch.setattr(wire, "send", send_and_spoil)
    return paths


def texts_in(value: Any) -> list[str]:
    """Every text inside facts."""
    if isinstance(value, str):
        return [value]
    if is_dataclass(value):
        return [text for one in fields(value) for text in texts_in(getattr(value, one.name))]
    if isinstance(value, list | tuple | frozenset):
        return [text for one in value for text in texts_in(one)]
    return []


def test_an_order_with_texts_that_cannot_be_kept_arrives_without_these_characters(
    stage: OnStage, spoiling: list[str]
) -> None:
    made = stage.orders(2)
    fetched = stage.known.fetch(stage.shop(), made)
    assert spoiling
    assert sorted(one.order_id for one in fetched.orders) == sorted(made)
    told = texts_in(fetched.orders)
    assert all(map(is_plain, told)), [one for one in told if not is_plain(one)]
    assert any(one.endswith("[1m") for one in told), "nothing was spoilt"


def test_what_was_sent_is_kept_as_it_came(stage: OnStage, spoiling: list[str]) -> None:
    (order_id,) = stage.orders(1)
    fetched = stage.known.fetch(stage.shop(), [order_id])
    kept = fetched.raw[order_id].decode()
    assert "\\ud83d" in kept
    assert ODD in json.dumps(json.loads(kept), ensure_ascii=False).replace(
        "\\u0000", "\x00"
    ).replace("\\u0001", "\x01").replace("\\u001b", "\x1b")
