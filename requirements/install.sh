#!/usr/bin/env bash
# Makes .venv where none works, and installs a list of packages into it: `install.sh app demo`.
# Run by make, in the checkout. Whatever interrupts it, the next run goes on, and only what was installed
# whole is noted as done. No script with "#!" is run: in a long path, or in one with spaces, those break.
set -euo pipefail

install() {
  cmp -s "requirements/$1.txt" ".venv/$1" && return
  echo "Installing what $2 (a minute or two the first time) …"
  if ! .venv/bin/python -m pip install --disable-pip-version-check --require-hashes -r "requirements/$1.txt" | tell; then
    stop "Not everything could be installed: the lines above say why. Run the same command again; it goes on."
  fi
  cp "requirements/$1.txt" ".venv/$1"
}

tell() {
  while IFS= read -r line; do
    case $line in Collecting* | Installing*) echo "${line%% (from *}" ;; esac
  done
}

make_venv() {
  local python said
  python=$(find_python)
  echo "Making .venv with $python …"
  rm -rf .venv.new
  if ! said=$("$python" -m venv .venv.new 2>&1 && .venv.new/bin/python -m pip --version 2>&1); then
    rm -rf .venv.new
    echo "$said" >&2
    stop "$python makes no whole environment: it lacks venv (on Debian and Ubuntu: apt install python3-venv)."
  fi
  rm -rf .venv
  mv .venv.new .venv
  "$python" -m venv --without-pip .venv # its scripts name the place where they are now
  rm -f .venv/bin/pip*
  printf '#!/bin/sh\nexec "$(dirname "$0")/python" -m pip "$@"\n' >.venv/bin/pip
  chmod +x .venv/bin/pip
}

find_python() {
  local candidates=(python3.11 python3.12 python3.13 python3) candidate version
  [ -z "${PYTHON:-}" ] || candidates=("$PYTHON")
  for candidate in "${candidates[@]}"; do
    if recent "$candidate"; then
      echo "$candidate"
      return
    fi
  done
  version=$("$candidate" -c 'import platform; print("is", platform.python_version())' 2>/dev/null) || version="was not found"
  stop "Crossdock needs Python 3.11 or newer, and $candidate $version: install one, or name it with PYTHON=/path/to/python3.11."
}

works() { recent .venv/bin/python && .venv/bin/python -m pip --version >/dev/null 2>&1; }

recent() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

stop() {
  echo "$1" >&2
  exit 1
}

trap 'echo "Stopped. The same command goes on from here." >&2; exit 130' INT TERM
case $PWD in *:*) stop "Python makes no environment in a path with a colon: move the checkout out of $PWD." ;; esac
works || make_venv
export PYTHONUNBUFFERED=1
for list in "$@"; do
  case $list in
    app) install app "Crossdock needs" ;;
    demo) install demo "the demo needs" ;;
    dev) install dev "the tests need" ;;
  esac
done
