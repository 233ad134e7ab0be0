# Sourced by the other scripts: finds a Python, and sets up .venv with the package in it.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
venv=$root/.venv
nobody=65534

say() { printf '%s\n' "$*"; }

# lacking FIX ITEM…: ends the script with the exit code netlab has for what a machine lacks.
lacking() {
    printf 'missing: %s\n' "${@:2}" >&2
    printf '  fix: %s\n' "$1" >&2
    exit 3
}

as_nobody() { setpriv --reuid=$nobody --regid=$nobody --clear-groups "$@"; }

# Root's labs run as a user id that nobody has: a Python below /root is of no use to them.
may_be_used() {
    [ "$(id -u)" != 0 ] || (cd / && as_nobody "$1" -c '' 2>/dev/null)
}

is_suitable() {
    "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
        && may_be_used "$1"
}

# The first Python >= 3.11 with venv; $PYTHON is asked first.
find_python() {
    local path
    while read -r path; do
        if is_suitable "$path"; then
            say "$path"
            return
        fi
    done < <(type -aP ${PYTHON:+"$PYTHON"} python3 python3.14 python3.13 python3.12 python3.11)
    return 1
}

# What netlab needs of the system and does not find, a line each.
missing_from_system() {
    find_python >/dev/null || say "Python 3.11 or newer with venv   (package python3-venv)"
    command -v ip >/dev/null || say "ip   (package iproute2)"
}

# set_up_environment EXTRAS: .venv with the package and these extras; nothing when it is there.
set_up_environment() {
    local extras=$1 python stamp
    stamp=$venv/installed-${extras//,/-}
    if [ -x "$venv/bin/python" ] && [ "$root/pyproject.toml" -ot "$stamp" ]; then
        return
    fi
    python=$(find_python) || lacking "scripts/system-packages" "Python 3.11 or newer with venv"
    say "Setting up $venv with $("$python" -V) …"
    "$python" -m venv "$venv"
    "$venv/bin/python" -m pip install -qq --disable-pip-version-check \
        --editable "$root${extras:+[$extras]}"
    touch "$stamp"
}
