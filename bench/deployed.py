"""An installation as docs/operator.md has it: wheel, locked packages, PostgreSQL, two workers, nginx with https.

    python -m bench.deployed            some two minutes, most of them pip's

The wheel is built from this checkout and installed into an environment of its own; what runs from it are the
commands of deploy/compose.yaml, behind nginx with deploy/nginx and a certificate of deploy/certificate.sh.
Needs nginx and openssl. Everything listens on this machine only.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import yaml

from crossdock.ops import embedded
from tests.ports import free_port

ROOT = Path(__file__).parents[1]
_LOGIN = ("owner@desk.test", "correct-horse-battery")
_SLOW = 150
"""Requests whose bodies do not come: far more than Crossdock has threads."""
_PATIENCE = 90.0


def main() -> int:
    """Deploy it and look; 0 when all promises hold."""
    if missing := [name for name in ("nginx", "openssl") if not shutil.which(name)]:
        print(f"Cannot be tried here: {', '.join(missing)} is not installed.")
        return 1
    broken = 0
    with tempfile.TemporaryDirectory(prefix="crossdock-deployed-") as folder, ExitStack() as end:
        desk = _deploy(Path(folder), end)
        for promise in PROMISES:
            began = time.monotonic()
            why = promise(desk)
            broken += bool(why)
            took = f"{time.monotonic() - began:5.1f} s"
            print(f"{'BROKEN' if why else 'ok    '} {took}  {promise.__doc__}{why}", flush=True)
    print("It holds." if not broken else f"{broken} promises are broken.")
    return 1 if broken else 0


@dataclass
class Desk:
    """A deployed installation."""

    folder: Path
    environment: dict[str, str]
    web: int
    http: int
    https: int

    @property
    def crossdock(self) -> str:
        """The installed command."""
        return str(self.folder / "venv/bin/crossdock")

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """One of its commands, to its end."""
        return subprocess.run(
            [self.crossdock, *words], env=self.environment, cwd=self.folder,
            capture_output=True, text=True, timeout=_PATIENCE, check=False,
        )  # fmt: skip

    def browser(self) -> httpx.Client:
        """Somebody who trusts the root of its certificate."""
        trust = ssl.create_default_context(cafile=str(self.folder / "tls/crossdock-ca.crt"))
        return httpx.Client(
            base_url=f"https://localhost:{self.https}", verify=trust, trust_env=False, timeout=20
        )


def _deploy(folder: Path, end: ExitStack) -> Desk:
    ports = [free_port() for _ in range(3)]
    desk = Desk(folder, {}, *ports)
    _install(folder)
    end.callback(embedded.destroy, folder / "database")
    database = embedded.start(folder / "database").url()
    desk.environment = {
        "PATH": os.environ["PATH"], "CROSSDOCK_DATA": str(folder / "data"), "DATABASE_URL": database,
        "CROSSDOCK_PUBLIC_URL": f"https://localhost:{desk.https}", "CROSSDOCK_PORT": str(desk.web),
        "CROSSDOCK_METRICS_TOKEN": "token", "CROSSDOCK_LOG_JSON": "1",
        "CROSSDOCK_LAZADA_APP_KEY": "100", "CROSSDOCK_LAZADA_APP_SECRET": "secret",
    }  # fmt: skip
    commands = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())["services"]
    _well(desk.run(*commands["migrate"]["command"]))
    email, password = _LOGIN
    _well(desk.run("create-owner", "--company", "Acme", "--email", email, "--name", "Olivia", "--password", password))  # fmt: skip
    web = [word.replace("0.0.0.0", "127.0.0.1") for word in commands["web"]["command"]]  # noqa: S104
    end.enter_context(_running("web", [desk.crossdock, *web], desk))
    for number in range(commands["worker"]["deploy"]["replicas"]):
        words = [desk.crossdock, *commands["worker"]["command"]]
        end.enter_context(_running(f"worker-{number + 1}", words, desk))
    end.enter_context(_running("nginx", _nginx(desk), desk))
    _await(lambda: httpx.get(f"http://127.0.0.1:{desk.web}/readyz", headers={"Host": "localhost"}, trust_env=False).status_code == 200)  # fmt: skip
    _await(lambda: desk.browser().get("/healthz").status_code == 200)
    return desk


def _install(folder: Path) -> None:
    """Build the wheel from what the checkout holds, and install it as the image does."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, check=True).stdout
    for name in filter(None, names.decode().split("\0")):
        if (ROOT / name).is_file():
            copy = folder / "checkout" / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, copy)
    _pip(sys.executable, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(folder / "checkout"))  # fmt: skip
    (wheel,) = folder.glob("crossdock-*.whl")
    (locked,) = (one for one in zipfile.ZipFile(wheel).namelist() if one.endswith("requirements/app.txt"))  # fmt: skip
    zipfile.ZipFile(wheel).extract(locked, folder / "wheel")
    subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
    python = str(folder / "venv/bin/python")
    _pip(python, "install", "--require-hashes", "-r", str(folder / "wheel" / locked))
    _pip(python, "install", "--no-deps", "--no-index", str(wheel))
    _pip(python, "check")


def _pip(python: str, *words: str) -> None:
    _well(
        subprocess.run([python, "-m", "pip", *words], capture_output=True, text=True, check=False)
    )


def _well(done: subprocess.CompletedProcess[str]) -> None:
    if done.returncode:
        raise SystemExit(f"{' '.join(done.args[:6])} failed:\n{done.stdout}{done.stderr}")


def _nginx(desk: Desk) -> Sequence[str]:
    """nginx with the configuration that is shipped, on ports and with files of this trial."""
    tls = desk.folder / "tls"
    _well(subprocess.run([str(ROOT / "deploy/certificate.sh"), str(tls), "localhost", "127.0.0.1"], capture_output=True, text=True, check=False))  # fmt: skip
    site = (
        (ROOT / "deploy/nginx/crossdock.conf").read_text().replace("/etc/crossdock/tls", str(tls))
    )
    site = site.replace("listen 80 ", f"listen 127.0.0.1:{desk.http} ")
    site = site.replace("listen 443 ", f"listen 127.0.0.1:{desk.https} ")
    site = re.sub(r"\n.*listen \[::\].*", "", site)
    upstream = (ROOT / "deploy/nginx/upstream.conf").read_text().replace(":8000", f":{desk.web}")
    places = "".join(f"{kind}_temp_path {desk.folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))  # fmt: skip
    config = desk.folder / "nginx.conf"
    user = "user root;\n" if os.getuid() == 0 else ""
    config.write_text(
        f"{user}daemon off; pid {desk.folder}/nginx.pid; error_log stderr;\n"
        f"events {{ worker_connections 1024; }}\nhttp {{ access_log off;\n{places}{upstream}{site}}}\n"
    )
    return ["nginx", "-c", str(config), "-p", str(desk.folder), "-e", "stderr"]


@contextmanager
def _running(name: str, words: Sequence[str], desk: Desk) -> Iterator[None]:
    """A process that is asked to stop at the end."""
    with (desk.folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(words, env=desk.environment, stdout=log, stderr=log)
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(_PATIENCE)


def _await(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            if holds():
                return
        except httpx.HTTPError:
            pass
        if time.monotonic() > deadline:
            raise SystemExit("It did not come up.")
        time.sleep(0.2)


def logs_in(desk: Desk) -> str:
    """People log in over https, with cookies that are bound to it."""
    with desk.browser() as browser:
        page = browser.get("/accounts/login/")
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
        form = {"login": _LOGIN[0], "password": _LOGIN[1], "csrfmiddlewaretoken": token[1] if token else ""}  # fmt: skip
        entered = browser.post("/accounts/login/", data=form, headers={"Referer": str(page.url)})
        inside = browser.get("/c/acme/orders/")
        cookies = " ".join(one.name for one in browser.cookies.jar)
    if (entered.status_code, inside.status_code) != (302, 200):
        return f": {entered.status_code}, {inside.status_code}"
    bound = all(name in cookies for name in ("__Host-sessionid", "__Host-csrftoken"))
    return "" if bound else f": {cookies}"


def leads_to_https(desk: Desk) -> str:
    """Plain http leads to https, and to the root for phones."""
    plain = f"http://127.0.0.1:{desk.http}"
    sent = httpx.get(f"{plain}/c/acme/", trust_env=False)
    root = httpx.get(f"{plain}/crossdock-ca.crt", trust_env=False)
    kind = root.headers.get("content-type", "")
    good = sent.status_code == 301 and sent.headers["location"].startswith("https://")
    return "" if good and kind == "application/x-x509-ca-cert" else f": {sent.headers}, {kind}"


def sends_static_files(desk: Desk) -> str:
    """Static files come, and may be kept."""
    with desk.browser() as browser:
        page = browser.get("/accounts/login/").text
        found = [browser.get(one) for one in re.findall(r'"(/static/[^"]+)"', page)]
    bad = [str(one.url) for one in found if one.status_code != 200 or "immutable" not in one.headers.get("cache-control", "")]  # fmt: skip
    return "" if found and not bad else f": {bad}"


def takes_webhooks(desk: Desk) -> str:
    """A signed message of a marketplace arrives, a forged one is refused."""
    body = json.dumps({"seller_id": "1", "message_type": 0, "site": "lazada_my", "data": {"trade_order_id": "1"}}).encode()  # fmt: skip
    sign = hmac.new(b"secret", b"100" + body, hashlib.sha256).hexdigest()
    with desk.browser() as browser:
        answers = [browser.post("/webhooks/lazada", content=body, headers={"Authorization": one}).status_code for one in (sign, "0" * 64)]  # fmt: skip
    return "" if answers == [200, 401] else f": {answers}"


def holds_slow_bodies(desk: Desk) -> str:
    """Bodies that do not come wait at the proxy, not here, and people notice nothing."""
    trust = ssl.create_default_context(cafile=str(desk.folder / "tls/crossdock-ca.crt"))
    begun = b"POST /webhooks/lazada HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{"
    with ExitStack() as open_ones, desk.browser() as browser:
        for _ in range(_SLOW):
            met = open_ones.enter_context(socket.create_connection(("127.0.0.1", desk.https)))
            met = open_ones.enter_context(trust.wrap_socket(met, server_hostname="localhost"))
            met.sendall(begun)
        began = time.monotonic()
        browser.get("/accounts/login/").raise_for_status()
        took, here = time.monotonic() - began, _connections_to(desk.web)
        met.settimeout(30)
        ended = met.recv(100)  # with nothing, or with 408, within its time-out
    if here > 16 or took > 3:
        return f": {here} connections here, a page took {took:.1f} s"
    return "" if not ended or b" 408 " in ended else f": {ended!r}"


def _connections_to(port: int) -> int:
    """Connections to a port of this machine that are open."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    columns = [line.split() for line in lines]
    return sum(one[1].endswith(f":{port:04X}") and one[3] == "01" for one in columns)


def checks_well(desk: Desk) -> str:
    """`crossdock check` finds nothing wrong."""
    told = desk.run("check")
    return "" if told.returncode == 0 else f":\n{told.stdout}{told.stderr}"


def needs_no_sandbox(desk: Desk) -> str:
    """Without the demo's packages `crossdock demo` says in a sentence what to install."""
    told = desk.run("demo")
    good = told.returncode == 1 and "crossdock[demo]" in told.stderr
    return "" if good and "Traceback" not in told.stderr else f":\n{told.stderr}"


def runs_all_by_itself(desk: Desk) -> str:
    """`crossdock up` runs from the same installation, with its own database, and ends when asked."""
    settings = {name: value for name, value in desk.environment.items() if name == "PATH"}
    port = free_port()
    settings |= {"CROSSDOCK_DATA": str(desk.folder / "up"), "PYTHONUNBUFFERED": "1"}
    words = [desk.crossdock, "up", "--port", str(port)]
    with (desk.folder / "up.log").open("wb") as log:
        process = subprocess.Popen(words, env=settings, stdout=log, stderr=log)
    try:
        _await(lambda: httpx.get(f"http://127.0.0.1:{port}/readyz", headers={"Host": "localhost"}, trust_env=False).status_code == 200)  # fmt: skip
    finally:
        process.send_signal(signal.SIGINT)
        code = process.wait(_PATIENCE)
        embedded.destroy(desk.folder / "up")
    return "" if code == 0 else f":\n{(desk.folder / 'up.log').read_text()}"


def carries_what_deploys_it(desk: Desk) -> str:
    """The installation has the files of deploy/ and both locked lists beside it."""
    share = desk.folder / "venv/share/crossdock"
    wanted = [
        "requirements/app.txt", "requirements/demo.txt", "deploy/.env.example", "deploy/certificate.sh",
        "deploy/nginx/crossdock.conf", "deploy/systemd/crossdock-web.service",
    ]  # fmt: skip
    missing = [one for one in wanted if not (share / one).is_file()]
    return f": {missing}" if missing else ""


def tells_in_json(desk: Desk) -> str:
    """Every line of the logs is a JSON object."""
    bad = []
    for name in ("web", "worker-1", "worker-2"):
        for line in (desk.folder / f"{name}.log").read_text().splitlines():
            try:
                json.loads(line)
            except ValueError:
                bad.append(line)
    return "" if not bad else f":\n{bad[:5]}"


PROMISES: Sequence[Callable[[Desk], str]] = (
    logs_in,
    leads_to_https,
    sends_static_files,
    takes_webhooks,
    holds_slow_bodies,
    checks_well,
    needs_no_sandbox,
    carries_what_deploys_it,
    runs_all_by_itself,
    tells_in_json,
)


if __name__ == "__main__":
    sys.exit(main())
