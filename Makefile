# Orlop: everything that is done from a clone. `make help` lists the targets that carry a `##` comment.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
PRODUCT := api csi_spec store provider orchestrator agent client cli
WORK_DIR ?= .orlop
PORT ?= 5050
# Arguments for pytest, for example: make test ARGS="tests/store -x"
ARGS ?=
# How many kills of agent and plugin a soak makes (with each containerizer), and how many seeds the simulation
# plays in `make sim`.
KILLS ?= 300
TASK_KILLS ?= 500
# And how many in each story of a host that changes.
HOST_KILLS ?= 10
# How often whoever leads is killed under load (with each kind of registry), and how long real networks are cut.
LEADER_KILLS ?= 50
PARTITION_SECONDS ?= 600
SEEDS ?= 2000
SEED ?=
JOBS ?= $(shell nproc)
# All tests at once are shared out among processes, one more than there are cores: many tests mostly wait.
# tests/sharing_out.py says who runs what.
TESTERS ?= $(shell echo $$(($(JOBS) + 1)))
SHARED_OUT = -n $(TESTERS) --dist loadgroup --no-loadscope-reorder

.PHONY: help
help: ## Print this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z0-9-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# Two stamps: what the product needs, and what its checks and tests need on top.
$(VENV)/.product: pyproject.toml tools/create_environment.sh
	@tools/create_environment.sh $(VENV) .
	@touch $@

$(VENV)/.development: $(VENV)/.product
	@tools/create_environment.sh $(VENV) '.[dev]'
	@touch $@

.PHONY: setup
setup: $(VENV)/.product ## Make the virtual environment; leaves .venv/bin/orlop

.PHONY: run
run: setup ## Start a whole cluster on this machine (WORK_DIR=.orlop PORT=5050)
	@echo 'In a second shell, to have `orlop` on the PATH:  export PATH="$(CURDIR)/$(BIN):$$PATH"' >&2
	@exec $(BIN)/orlop dev --work-dir $(WORK_DIR) --port $(PORT)

.PHONY: check
check: $(VENV)/.development ## Lint, format, types, imports, stale generated code, file sizes
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/generate_csi.py --check
	$(BIN)/python tools/generate_wire.py --check
	$(BIN)/python tools/draw_states.py --check
	$(BIN)/python tools/write_reference.py --check
	$(BIN)/python tools/check_docs.py
	$(BIN)/python tools/check_file_sizes.py $(PRODUCT)

.PHONY: third-party
third-party: $(VENV)/.product ## Build what others wrote to test against (csi-sanity, mock-driver) into .build; needs Go or the network
	@tools/build_third_party.sh .build $(VENV)

# Where it cannot be built, the tests that need it are left out and named, or fail under ORLOP_REQUIRE_ALL.
.PHONY: test
test: $(VENV)/.development ## Run the tests that this machine can run; says at its end what was left out
	@tools/build_third_party.sh .build $(VENV) || true
	$(BIN)/pytest $(or $(ARGS),$(SHARED_OUT) $(wildcard tests e2e))

.PHONY: e2e
e2e: $(VENV)/.development ## Only the tests with real processes and mounts
	@tools/build_third_party.sh .build $(VENV) || true
	$(BIN)/pytest $(or $(ARGS),e2e)

HOSTS_THAT_CHANGE := $(addprefix e2e/test_,reconfiguration.py former_lives.py images.py draining.py maintenance.py devices.py)

.PHONY: soak
soak: $(VENV)/.development ## Crash tests: KILLS (300), TASK_KILLS (500), LEADER_KILLS (50), PARTITION_SECONDS (600); SEED=123 plays again
	ORLOP_KILLS=$(KILLS) ORLOP_TASK_KILLS=$(TASK_KILLS) ORLOP_HOST_KILLS=$(HOST_KILLS) ORLOP_SEED=$(SEED) \
		LEADER_KILLS=$(LEADER_KILLS) PARTITION_SECONDS=$(PARTITION_SECONDS) \
		$(BIN)/pytest $(or $(ARGS),e2e/crash e2e/task_crash e2e/partitions e2e/leader_kills $(HOSTS_THAT_CHANGE)) --timeout 14400

.PHONY: sim
sim: $(VENV)/.development ## The simulated cluster: SEEDS (2000) seeds, or the story of one, SEED=123
	$(BIN)/python -m tests.simulation $(if $(SEED),--seed $(SEED),--seeds $(SEEDS) --jobs $(JOBS)) $(ARGS)

.PHONY: stories
stories: $(VENV)/.development ## The allocator against its reference: SEEDS (2000) random stories, or one, SEED=123
	$(BIN)/python -m tests.allocator $(if $(SEED),--from $(SEED) --seeds 1,--seeds $(SEEDS)) $(ARGS)

.PHONY: fuzz
fuzz: $(VENV)/.development ## Bytes that are almost right, for the codec and RecordIO, for SECONDS (60); SEED=1 begins there
	$(BIN)/python -m tests.wire.fuzzing --seconds $(or $(SECONDS),60) --seed $(or $(SEED),1) $(ARGS)

.PHONY: bench
bench: $(VENV)/.development ## Measure the allocator, provisioning, launches and the cluster at rest, beside references
	$(BIN)/python -m bench $(ARGS)

.PHONY: proto
proto: $(VENV)/.development ## Generate the CSI stubs and the v1 structs again
	$(BIN)/python tools/generate_csi.py
	$(BIN)/python tools/generate_wire.py

.PHONY: docs
docs: $(VENV)/.development ## Draw the states and write docs/reference from the code
	$(BIN)/python tools/draw_states.py
	$(BIN)/python tools/write_reference.py
	$(BIN)/python -m tests.compatibility

.PHONY: format
format: $(VENV)/.development ## Let ruff format and mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: system-deps
system-deps: ## Install the Debian packages that tests and Podman need (as root)
	@tools/install_system_packages.sh

.PHONY: clean
clean: ## Remove the virtual environment and the caches; keeps WORK_DIR
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .build *.egg-info
