# Xuzu 续租: what a developer types. `make` alone prints this list.

SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.ready

.DEFAULT_GOAL := help
.PHONY: help setup demo test bench soak live understand fit golden pictures diagram lock clean

help: ## This list
	@awk 'BEGIN { FS = ":.*## " } /^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMP) ## Build .venv from the lock file (does nothing when nothing changed)

$(STAMP): pyproject.toml requirements-dev.lock .ci/environment.sh
	@PYTHON=$(PYTHON) .ci/environment.sh
	@touch $@

demo: $(STAMP) ## Play a whole season in minutes, then serve its pages (PHONE=1: be the tenant; ONCE=1, REPORT=file, SEED=n)
	@$(BIN)/xuzu demo $(if $(ONCE),--once)$(if $(PHONE), --phone) $(if $(REPORT),--report "$(REPORT)") $(if $(SEED),--seed $(SEED))

test: $(STAMP) ## Style, types, layers and every test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n 2

bench: $(STAMP) ## Ratios against a straight-line floor, in one run
	@$(BIN)/xuzu bench

soak: $(STAMP) ## A thousand renewals under all faults at once, judged by the partners' own truth (MANY=n)
	@XUZU_SOAK=$(or $(MANY),1000) $(BIN)/pytest -q tests/bot/test_all_faults_at_once.py

live: $(STAMP) ## Ask real providers something harmless, with your credentials in XUZU_… (moves nothing)
	@$(BIN)/pytest -q -rs -m live tests/live

understand: $(STAMP) ## What is understood of the public sample and of the held-out split, intent by intent
	@$(BIN)/python -m tests.corpus.report

fit: $(STAMP) ## Learn the weights of understanding anew from tests/corpus/training
	@$(BIN)/python -m tests.corpus.fit

golden: $(STAMP) ## Write the golden transcripts anew; review the diff
	@$(BIN)/python -m tests.golden.replay

pictures: $(STAMP) ## Take the README's pictures anew from a running season
	@$(BIN)/python -m tests.journeys.pictures

diagram: $(STAMP) ## Draw docs/renewal.mmd afresh from the table
	@mkdir -p var
	@$(BIN)/python -c 'from dialogs.drawing import mermaid; print(mermaid(None), end="")' > var/renewal.mmd
	@mv var/renewal.mmd docs/renewal.mmd

lock: ## Resolve dependencies into the lock files (UPGRADE=1 takes newer ones)
	@PYTHON=$(PYTHON) .ci/lock.sh $(if $(UPGRADE),--upgrade)

clean: ## Remove everything that was built here
	@rm -rf .venv var build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
