#!/bin/sh
# Make the hub's own environment, .venv-hub, beside the course's .venv:
# Python packages, the proxy from npm, and the course's Python as kernel.
#   sh coursework/hub/install.sh        install what the locks pin
#   sh coursework/hub/install.sh lock   pin anew what requirements.txt names
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
hub=$root/.venv-hub
course=$root/.venv/bin/python
pip=$(sed -n 's/^# pip==//p' "$here/requirements.lock" 2>/dev/null || true)

test -x "$course" || { echo "make setup first: $course is not there"; exit 1; }
command -v git >/dev/null || { echo "git is wanted"; exit 1; }
if ! command -v npm >/dev/null; then
  echo "npm is wanted, with Node 20 or newer: for example" \
    "sudo apt-get install npm"
  exit 1
fi

echo "== the hub's environment: $hub"
if [ "${1:-}" = lock ]; then rm -rf "$hub"; fi
test -x "$hub/bin/python" || "$course" -m venv "$hub"
echo '*' > "$hub/.gitignore"
"$hub/bin/python" -m pip install --quiet --upgrade "pip${pip:+==$pip}"
if [ "${1:-}" = lock ]; then
  "$hub/bin/python" -m pip install --quiet -r "$here/requirements.txt"
  {
    echo "# Written by: sh coursework/hub/install.sh lock"
    "$hub/bin/python" -m pip --version | sed 's/^pip \([^ ]*\).*/# pip==\1/'
    "$hub/bin/python" -m pip freeze --exclude pip
  } > "$here/requirements.lock"
else
  "$hub/bin/python" -m pip install --quiet -r "$here/requirements.lock"
fi

echo "== the proxy"
mkdir -p "$hub/proxy"
cp "$here/package.json" "$here/package-lock.json" "$hub/proxy"
(cd "$hub/proxy" && npm ci --ignore-scripts --no-audit --no-fund --silent)

# Notebooks run in the course's environment, which has torch.
"$course" -m ipykernel install --prefix "$hub" --name python3 >/dev/null
mkdir -p "$hub/share/jupyter/lab/settings"
cp "$here/lab-overrides.json" "$hub/share/jupyter/lab/settings/overrides.json"
touch "$hub/.ready"
