#!/bin/sh
# Students' code runs in a sandbox only. Use bubblewrap where it is there, else
# let the system's package manager bring it where we may, else say how.
set -eu
if [ "$(uname -s)" != Linux ]; then
    if [ "${1:-}" = test ]; then
        echo "== sandbox: Linux only; the grading's own tests are left out"
        exit 0
    fi
    echo "Grading needs Linux's bubblewrap. On macOS and Windows run it in a" \
        "container: docker run --privileged -v \"\$PWD\":/course -w /course" \
        "python:3.11 make grade ..." >&2
    exit 1
fi
if ! command -v bwrap >/dev/null 2>&1; then
    if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
        echo "== sandbox: apt-get install bubblewrap"
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq bubblewrap \
            >/dev/null
    else
        echo "Grading needs bubblewrap. Debian, Ubuntu: sudo apt-get install" \
            "bubblewrap; Fedora: sudo dnf install bubblewrap." >&2
        exit 1
    fi
fi
if ! bwrap --unshare-all --ro-bind / / --proc /proc --dev /dev true; then
    echo "bubblewrap may not make name spaces here. Ubuntu 24.04:" \
        "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0;" \
        "in Docker: --privileged." >&2
    exit 1
fi
