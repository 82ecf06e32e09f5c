#!/bin/sh
# The tests drive a Chromium-family browser. Use the one that is there, else
# let the system's package manager bring it where we may, else say how.
set -eu
mac="/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
if [ -n "${CHROME_PATH:-}" ]; then
    [ -x "$CHROME_PATH" ] && exit 0
    echo "CHROME_PATH is $CHROME_PATH, which is no program" >&2
    exit 1
fi
for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null 2>&1; then exit 0; fi
done
if [ -x "$mac" ]; then exit 0; fi
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    echo "== browser: apt-get install chromium"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null
    exit 0
fi
echo "The tests need a browser. Debian, Ubuntu: sudo apt-get install chromium;" \
    "macOS: brew install --cask google-chrome; elsewhere set CHROME_PATH." >&2
exit 1
