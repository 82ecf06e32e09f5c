# Transformers Step by Step: the only front door.
#
#   make book    everything from nothing to _build/html/index.html
#   make test    everything that must hold
#   make lab     JupyterLab on your own copies of the chapters
#   make slides  lecture slides out of the chapters, in _build/slides
#   make pretrain  train the course's own GPT again (resumable; about an hour)
#   make serve   the built site on http://127.0.0.1:8000
#   make release|grade|feedback|export HW=...  coursework (coursework/README.md)
#   make clean   remove what make book built; the environment stays
#
# On Linux the package index's default torch brings CUDA (2.7 GB). To take
# the CPU build, name the index that holds it:
#   make book TORCH_INDEX=...
# Left empty, pip's own settings decide.
TORCH_INDEX ?=
PYTHON ?= python3
PORT ?= 8000
PYTEST_WORKERS ?= 2

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

# One thread: two spin at barriers when the machine is busy (see book).
export OMP_NUM_THREADS := 1
export PYTHONUNBUFFERED := 1

.DEFAULT_GOAL := help
.PHONY: help setup data book test lint lab pretrain serve slides clean lock browser \
  sandbox release grade feedback export formgrader

help:
	@sed -n '3,10s/^# \{0,1\}//p' Makefile

setup: $(READY)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is wanted, $$($(PYTHON) --version) came;" \
	    "name another: make PYTHON=python3.11 ..."; exit 1; }
	@echo "== environment: $(VENV)"
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet pip==$$(sed -n 's/^# pip==//p' requirements.lock)
	@if [ -n "$(TORCH_INDEX)" ]; then set -x; $(BIN)/python -m pip install \
	  --index-url "$(TORCH_INDEX)" $$(grep '^torch==' requirements.lock); fi
	$(BIN)/python -m pip install -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@# JupyterLab asks no other host for news or updates.
	@mkdir -p $(VENV)/share/jupyter/lab/settings
	@cp tools/lab-overrides.json $(VENV)/share/jupyter/lab/settings/overrides.json
	@# Readers' JupyterLab stays free of nbgrader's panels: make formgrader.
	@mkdir -p $(VENV)/etc/jupyter/labconfig
	@cp tools/lab-extensions.json $(VENV)/etc/jupyter/labconfig/page_config.json
	@cp tools/lab-server.json \
	  $(VENV)/etc/jupyter/jupyter_server_config.d/zz-course.json
	@touch $(READY)

data: $(READY)
	@echo "== data"
	@$(BIN)/python -m transformer_course.archives

book: data
	@echo "== book"
	@$(BIN)/python -m tools.book build

slides: book
	@echo "== slides"
	@$(BIN)/python -m tools.slides

browser:
	@sh tools/browser.sh

sandbox:
	@sh tools/sandbox.sh

lint: $(READY)
	@echo "== lint, types, spelling, import order"
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell

test: browser book lint
	@sh tools/sandbox.sh test
	@echo "== tests"
	TQDM_DISABLE=1 $(BIN)/python -m pytest -n $(PYTEST_WORKERS) \
	  --dist loadscope --nbval --nbval-sanitize-with tests/nbval_sanitize.cfg \
	  --doctest-modules src tests chapters

lab: data
	@$(BIN)/python -m tools.notebooks copy work
	$(BIN)/jupyter lab --notebook-dir=work $(LAB_FLAGS)

# Writes chapters/runs/14-shakespeare*; interrupted, it goes on where it was.
pretrain: data
	@echo "== pretrain: a GPT on Shakespeare, checkpoints in work/14-shakespeare"
	@$(BIN)/python chapters/runs/14-shakespeare.py

# Coursework. FROM: a folder or a zip of a learning-management system;
# STUDENT: only this one; AGAIN=1: also what is graded already, with REASON.
GRADING = $(BIN)/python -m coursework.grading
HW_NAMED = @test -n "$(HW)" || { echo "name the assignment: make $@ HW=warmup"; exit 1; }

release: sandbox $(READY)
	$(HW_NAMED)
	@$(GRADING) release $(HW) $(if $(DUE),--due "$(DUE)")

grade: sandbox $(READY)
	$(HW_NAMED)
	@$(GRADING) grade $(HW) $(if $(FROM),--from "$(FROM)") \
	  $(if $(STUDENT),--student "$(STUDENT)") $(if $(AGAIN),--again) \
	  $(if $(REASON),--reason "$(REASON)")

feedback: $(READY)
	$(HW_NAMED)
	@$(GRADING) feedback $(HW) $(if $(STUDENT),--student "$(STUDENT)")

export: $(READY)
	$(HW_NAMED)
	@$(GRADING) export $(HW)

# nbgrader's pages for what is graded by hand.
formgrader: $(READY)
	cd coursework && PYTHONPATH=.. ../$(BIN)/jupyter lab $(LAB_FLAGS) \
	  --ServerApp.root_dir="$(abspath $(or $(COURSEWORK),coursework))" \
	  --LabApp.default_url=/formgrader \
	  '--ServerApp.jpserver_extensions={"coursework.grading.formgrader": True}'

serve:
	@test -f _build/html/index.html || { echo "make book first"; exit 1; }
	@echo "http://127.0.0.1:$(PORT)/"
	$(BIN)/python -m http.server --bind 127.0.0.1 --directory _build/html $(PORT)

# After changing pyproject.toml: pin what this environment holds.
lock:
	$(BIN)/python -m tools.lock

clean:
	rm -rf _build

# JupyterHub with grader-service: coursework/hub/README.md.
.PHONY: hub hub-trial test-hub
HUB_READY := .venv-hub/.ready
HUB_CONFIG := coursework/hub/jupyterhub_config.py

hub: sandbox $(READY) $(HUB_READY)

$(HUB_READY): coursework/hub/requirements.lock \
  coursework/hub/package-lock.json coursework/hub/lab-overrides.json
	@sh coursework/hub/install.sh

hub-trial: export HUB_ACCOUNTS := trial
hub-trial: hub
	@$(BIN)/python -c 'from coursework.hub import settings as s; \
	  print(s.PUBLIC, "password:", s.password())'
	.venv-hub/bin/jupyterhub -f $(HUB_CONFIG)

test-hub: hub browser
	HUB_TEST=1 $(BIN)/python -m pytest -q tests/hub
