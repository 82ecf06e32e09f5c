#!/usr/bin/env bash
# Gradescope runs this once, when it builds the image.
set -eu
apt-get update
apt-get install -y --no-install-recommends \
  python3 python3-venv bubblewrap util-linux
cd /autograder/source
python3 -m venv /opt/course
# The CPU build of torch; the default brings CUDA.
/opt/course/bin/pip install --quiet \
  --extra-index-url https://download.pytorch.org/whl/cpu \
  -r requirements.txt
/opt/course/bin/pip install --quiet --no-deps -e course
# Whom the student's code runs as where there is no sandbox; the answers are
# the superuser's alone.
id student >/dev/null 2>&1 || useradd --create-home student
chmod -R go-rwx /autograder/source/course/coursework/private
