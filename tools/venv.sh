#!/bin/sh
# Makes .venv, the Python environment of the end-to-end and wire tests, from tests/e2e/requirements.txt.
#
#   tools/venv.sh               uses /usr/bin/python3
#   PYTHON=python3.13 tools/venv.sh
#
# Idempotent: with the same interpreter and the same requirements it only compares a checksum and exits. A change of
# either makes the environment anew. Needs python3-venv and, when it makes one, the network.
set -eu

say() { printf 'venv: %s\n' "$*"; }

cd "$(dirname "$0")/.."
python=${PYTHON:-/usr/bin/python3}
requirements=tests/e2e/requirements.txt
venv=.venv
stamp=$venv/.stamp

version=$("$python" -c 'import sys; print(sys.version, sys.executable)') || {
    say "cannot run $python; install python3 or set PYTHON" >&2
    exit 1
}
wanted=$( { printf '%s\n' "$version"; pwd; cat "$requirements"; } | sha256sum | cut -d' ' -f1)
if [ -r "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && [ -x "$venv/bin/python" ]; then
    exit 0
fi

"$python" -c 'import ensurepip, venv' 2>/dev/null || {
    say "$python has no venv module; install python3-venv" >&2
    exit 1
}
say "making $venv with $python and installing $requirements"
rm -rf "$venv"
"$python" -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --requirement "$requirements"
"$venv/bin/python" -m pip check --disable-pip-version-check >/dev/null
printf '%s\n' "$wanted" >"$stamp"
say "done"
