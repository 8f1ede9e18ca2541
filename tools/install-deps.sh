#!/bin/sh
# Installs what this project needs from Debian packages (12 "bookworm" or 13 "trixie"), and nothing else.
#
#   tools/install-deps.sh build           what compiling the release binary needs
#   tools/install-deps.sh build test      ... and running every test
#   tools/install-deps.sh build test lint bench
#
# Idempotent: with everything in place it only asks dpkg and exits. Needs root or sudo when something is missing.
# PyPI test tools (moto, boto3, the AWS CLI) are not installed here: see tools/venv.sh.
set -eu

say() { printf 'install-deps: %s\n' "$*"; }

[ -r /etc/os-release ] || { say "cannot tell the distribution: /etc/os-release is missing" >&2; exit 1; }
. /etc/os-release
case "${ID:-}:${VERSION_ID:-}" in
    debian:12) boost="libboost1.81-dev libboost-json1.81-dev" ;;
    # The last two: what libcrypto.a of this release is linked with.
    debian:13) boost="libboost1.83-dev libboost-json1.83-dev zlib1g-dev libzstd-dev" ;;
    *) say "Debian 12 or 13 is needed, this is ${PRETTY_NAME:-unknown}; install the packages named in $0 by hand" >&2; exit 1 ;;
esac

# clang 19 is the compiler of this project (GCC 12 miscompiles coroutines); lld links it, ccache makes the second build quick.
build="clang-19 lld-19 libclang-rt-19-dev llvm-19 cmake ninja-build make ccache git ca-certificates
       $boost libssl-dev libsodium-dev libtomlplusplus-dev libcli11-dev libfmt-dev libspdlog-dev libpugixml-dev"
test="libgtest-dev python3 python3-venv curl openssl"
lint="clang-format-19 clang-tidy-19 shellcheck mandoc"
bench="libbenchmark-dev nginx-light wrk valgrind python3"

wanted=""
[ $# -gt 0 ] || set -- build
for group in "$@"; do
    case "$group" in
        build) wanted="$wanted $build" ;;
        test) wanted="$wanted $test" ;;
        lint) wanted="$wanted $lint" ;;
        bench) wanted="$wanted $bench" ;;
        *) say "unknown group '$group': build, test, lint or bench" >&2; exit 2 ;;
    esac
done

missing=""
for package in $wanted; do
    status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

sudo=""
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null 2>&1 || { say "root or sudo is needed to install:$missing" >&2; exit 1; }
    sudo=sudo
fi
say "installing:$missing"
# shellcheck disable=SC2086  # the lists are meant to split
{
    $sudo apt-get update -qq
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
}
say "done"
