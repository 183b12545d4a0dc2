"""What the operator can set: read once at start, from the environment or ``settings.toml``.

The environment wins over the file. Everything is documented in ``docs/operator.md``.
"""

from __future__ import annotations

import logging
import math
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from environs import Env, EnvError

from crossdock.channels.contract import App, Channel
from crossdock.channels.registry import channels
from crossdock.database_setting import NoDatabase, elsewhere, embedded
from crossdock.files_setting import BadPlace, storage_of
from crossdock.keys_file import DamagedKeys, Keys, read_or_make
from crossdock.rules.from_outside import is_plain

_LEAST_MEMORY = 256
"""Megabytes in which a worker does its work."""
_LEAST_DAYS = 90
"""Days for which the details of an order that is over may still be asked for."""
_MOST_DAYS = 36_500


_OWN_MACHINE = ["127.0.0.1", "::1"]
_NAME = re.compile(r"\w+", re.ASCII)
_HOST = re.compile(r"[\w.:-]+")


class BadSetting(Exception):
    """A setting cannot be used; the message names it and says what it must be."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """Every setting of the installation."""

    data_dir: Path
    keys: Keys
    database: Mapping[str, Any] = field(repr=False)
    embedded_database: bool
    """True: no DATABASE_URL is set, and ``crossdock up`` brings its own PostgreSQL."""
    public_url: str
    web_port: int
    channel_apps: Mapping[str, App] = field(repr=False)
    trusted_hosts: frozenset[str]
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...]
    """The reverse proxies whose word is believed: who the client is, and whether it speaks https."""
    files: Mapping[str, Any] = field(repr=False)
    """Where files are kept, as Django's storages are told."""
    demo: bool
    sandbox_url: str
    email: Mapping[str, Any] = field(repr=False)
    log_level: int
    log_json: bool
    metrics_token: str = field(repr=False)
    work_times: Mapping[str, float]
    sqlaccount_pace: float
    """Calls per second to one company's SQL Account."""
    worker_memory: int
    """Megabytes that a worker's process may take before it is started again; 0: no limit."""
    keep_finished_days: int
    """How long the details of orders that are over are kept; 0: for ever."""

    @property
    def https(self) -> bool:
        """Whether people reach us through https."""
        return self.public_url.startswith("https://")

    @property
    def public_place(self) -> str:
        """Host and port that people reach."""
        return urlsplit(self.public_url).netloc

    @property
    def allowed_hosts(self) -> list[str]:
        """The host names that we answer to."""
        public = urlsplit(self.public_url).hostname
        return ["localhost", "127.0.0.1", "[::1]", *([public] if public else [])]

    @property
    def csrf_trusted_origins(self) -> list[str]:
        """Where forms may come from besides our own host."""
        return [self.public_url] if self.https else []


def read() -> Configuration:
    """The configuration at hand. Raises BadSetting with the name of what is wrong."""
    data_dir = data_folder()
    try:
        return _read(data_dir)
    except EnvError as problem:
        raise BadSetting(f"A setting cannot be used. {problem}") from None
    except (DamagedKeys, BadPlace, NoDatabase) as problem:
        raise BadSetting(str(problem)) from None
    except OSError as problem:
        raise BadSetting(unusable(data_dir, problem)) from None


def data_folder() -> Path:
    """Where this installation keeps what it needs."""
    return Path(
        os.environ.get("CROSSDOCK_DATA") or Path.home() / ".local/share/crossdock"
    ).resolve()


def unusable(data_dir: Path, problem: OSError) -> str:
    """What to say when the system refuses us something in the data folder."""
    where = f", at {problem.filename}" if problem.filename else ""
    return (
        f"The data folder {data_dir} cannot be used ({problem.strerror}{where}): mend that, or choose "
        "another with CROSSDOCK_DATA (DATA= with make)."
    )


def _read(data_dir: Path) -> Configuration:
    env = _environment(data_dir)
    ours = not env.str("DATABASE_URL", "")
    port = env.int("CROSSDOCK_PORT", 8000, validate=_is_port)
    public_url = _public_url(env, port)
    return Configuration(
        data_dir=data_dir,
        keys=read_or_make(data_dir),
        database=embedded(data_dir) if ours else elsewhere(env.str("DATABASE_URL")),
        embedded_database=ours,
        public_url=public_url,
        web_port=port,
        channel_apps={known.name: app for known in channels() if (app := _app(env, known))},
        trusted_hosts=frozenset(env.list("CROSSDOCK_TRUSTED_HOSTS", [])),
        trusted_proxies=_proxies(env, public_url),
        files=storage_of(env.str("CROSSDOCK_FILES", ""), os.environ),
        demo=env.bool("CROSSDOCK_DEMO", False),
        sandbox_url=env.str("CROSSDOCK_SANDBOX_URL", ""),
        email=_email(env),
        log_level=env.log_level("CROSSDOCK_LOG_LEVEL", logging.INFO),
        log_json=env.bool("CROSSDOCK_LOG_JSON", False),
        metrics_token=env.str("CROSSDOCK_METRICS_TOKEN", ""),
        sqlaccount_pace=env.float("CROSSDOCK_SQLACCOUNT_PACE", 2.0, validate=_is_a_pace),
        worker_memory=env.int("CROSSDOCK_WORKER_MEMORY", 1024, validate=_is_enough),
        keep_finished_days=env.int("CROSSDOCK_KEEP_FINISHED_DAYS", 0, validate=_is_long_enough),
        work_times=_seconds(env, "CROSSDOCK_WORK_TIMES"),
    )


def _environment(data_dir: Path) -> Env:
    """The environment, with ``settings.toml`` behind it."""
    file = data_dir / "settings.toml"
    if file.is_file():
        try:
            # Windows' editors begin a file with a mark.
            written = tomllib.loads(file.read_text("utf-8-sig"))
        except ValueError as error:
            raise BadSetting(f"{file} is not readable as TOML: {error}") from None
        for name, value in written.items():
            text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
            if not _NAME.fullmatch(name) or not is_plain(text):
                raise BadSetting(
                    f"{file} sets {name!r}: a name has letters, digits and _ only, and a value no control characters."
                )
            os.environ.setdefault(name, text)
    return Env()


def _is_port(number: int, name: str = "CROSSDOCK_PORT") -> None:
    if not 0 < number <= 65_535:
        raise BadSetting(f"{name} {number} is no port: choose one from 1 to 65535.")


def _is_mail_port(number: int) -> None:
    _is_port(number, "CROSSDOCK_EMAIL_PORT")


def _is_enough(megabytes: int) -> None:
    if megabytes != 0 and megabytes < _LEAST_MEMORY:
        raise BadSetting(
            f"CROSSDOCK_WORKER_MEMORY {megabytes} is too little: a worker needs {_LEAST_MEMORY} megabytes. "
            "0 is no limit."
        )


def _is_a_pace(calls: float) -> None:
    if calls <= 0:
        raise BadSetting(
            f"CROSSDOCK_SQLACCOUNT_PACE {calls:g} is no pace: it is calls per second, above 0."
        )


def _is_long_enough(days: int) -> None:
    if days != 0 and days < _LEAST_DAYS:
        raise BadSetting(
            f"CROSSDOCK_KEEP_FINISHED_DAYS {days} is too little: returns and disputes take up to {_LEAST_DAYS} "
            "days. 0 keeps everything."
        )
    if days > _MOST_DAYS:
        raise BadSetting(
            f"CROSSDOCK_KEEP_FINISHED_DAYS {days} is too much: the most is {_MOST_DAYS}. 0 keeps everything."
        )


def _public_url(env: Env, port: int) -> str:
    given = env.str("CROSSDOCK_PUBLIC_URL", f"http://localhost:{port}").rstrip("/")
    if not _is_host_alone(given):
        raise BadSetting(
            "CROSSDOCK_PUBLIC_URL must be an address such as https://desk.example.com, with nothing after host "
            f"and port, not {given!r}."
        )
    return given


def _is_host_alone(address: str) -> bool:
    """Whether this is http or https, a host, perhaps a port, and no more."""
    try:
        url = urlsplit(address)
        port = f":{url.port}" if url.port is not None else ""
    except ValueError:
        return False
    host = f"[{url.hostname}]" if ":" in (url.hostname or "") else url.hostname or ""
    plain = _HOST.fullmatch(url.hostname or "") is not None
    return (
        plain
        and url.scheme in ("http", "https")
        and address[len(url.scheme) + 3 :].lower() == host + port
    )


def _app(env: Env, channel: Channel) -> App | None:
    """A channel's registration; None where no key is set."""
    prefix = f"CROSSDOCK_{channel.name.upper()}_"
    key = env.str(prefix + "APP_KEY", "").strip()
    if not key:
        return None
    more = {
        one.name: env.str(prefix + one.name.upper(), "").strip() for one in channel.app_settings
    }
    if missing := [one for one in channel.app_settings if one.required and not more[one.name]]:
        named = ", ".join(f"{prefix}{one.name.upper()} ({one.meaning})" for one in missing)
        raise BadSetting(f"{channel.title} has an app key but lacks {named}.")
    return App(
        key=key,
        secret=env.str(prefix + "APP_SECRET", "").strip(),
        base_urls=_pairs(env, prefix + "BASE_URLS"),
        trusted_hosts=frozenset(env.list("CROSSDOCK_TRUSTED_HOSTS", [])),
        more={name: value for name, value in more.items() if value},
    )


def _pairs(env: Env, name: str) -> dict[str, str]:
    """A setting such as ``MY=https://…,SG=https://…``."""
    try:
        found: dict[str, str] = env.dict(name, {})
    except ValueError:
        raise BadSetting(f"{name} must be a list such as NAME=value,OTHER=value.") from None
    return found


def _seconds(env: Env, name: str) -> dict[str, float]:
    wrong = BadSetting(f"{name} must name seconds, such as lease=30,ask_first=5.")
    try:
        seconds = {one: float(value) for one, value in _pairs(env, name).items()}
    except ValueError:
        raise wrong from None
    if not all(math.isfinite(one) and one >= 0 for one in seconds.values()):
        raise wrong
    return seconds


def _proxies(env: Env, public_url: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Those that are named; else, where people use https, whatever speaks it for us on this machine."""
    unnamed = _OWN_MACHINE if public_url.startswith("https://") else []
    written: list[str] = env.list("CROSSDOCK_TRUSTED_PROXIES", unnamed)
    try:
        return tuple(ip_network(one.strip(), strict=False) for one in written)
    except ValueError as problem:
        raise BadSetting(
            f"CROSSDOCK_TRUSTED_PROXIES lists addresses or networks, such as 10.0.0.5,172.16.0.0/12: {problem}."
        ) from None


def _email(env: Env) -> dict[str, Any]:
    host = env.str("CROSSDOCK_EMAIL_HOST", "")
    # no host: nothing is sent, and no letter gets into a log
    backend = (
        "crossdock.companies.letter_box.LetterBox"
        if host
        else "django.core.mail.backends.dummy.EmailBackend"
    )
    return {
        "EMAIL_BACKEND": backend,
        "EMAIL_HOST": host,
        "EMAIL_PORT": env.int("CROSSDOCK_EMAIL_PORT", 587, validate=_is_mail_port),
        "EMAIL_HOST_USER": env.str("CROSSDOCK_EMAIL_USER", ""),
        "EMAIL_HOST_PASSWORD": env.str("CROSSDOCK_EMAIL_PASSWORD", ""),
        "EMAIL_USE_TLS": env.bool("CROSSDOCK_EMAIL_TLS", True),
        "DEFAULT_FROM_EMAIL": env.str("CROSSDOCK_EMAIL_FROM", "crossdock@localhost"),
    }
