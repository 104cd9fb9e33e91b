# One command to run kbchat (`make run`), one to test it (`make test`). `make help` lists the rest.
PYTHON ?= python3
VENV := .venv/bin
VLLM ?= var/vllm
NPM = $(PYTHON) deploy/install.py npm
.DEFAULT_GOAL := help
.PHONY: help python install install-dev run test test-all torture timings proofs proofs-office proofs-office-97 proofs-scan proofs-hostile proofs-swap proofs-streams proofs-migrating soak soak-web lint types imports test-python \
	test-frontend test-e2e test-vllm \
	bench-rebuilding bench-inheriting bench-claims bench-permissions bench-existence bench-layouts bench-graph bench-peers bench-encoding bench-ingesting bench-streams bench-ui \
	pictures fix lock clean

help: ## List the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | while IFS="$$(printf '\t')" read -r name words; do printf '  %-18s %s\n' "$$name" "$$words"; done

python:
	@command -v $(PYTHON) >/dev/null || { echo "kbchat: Python 3.11 or newer is missing. On Debian: apt-get install python3 python3-venv"; exit 1; }

install: python ## Prepare .venv and build the front end (quick when nothing changed)
	@$(PYTHON) deploy/install.py

install-dev: python ## The same, with the tools for development
	@$(PYTHON) deploy/install.py --dev

run: install ## Start kbchat with everything it needs
	@$(VENV)/python manage.py run

test: install-dev ## Run every check; the summary ends with what was not run
	@$(VENV)/python -m tests.summary

lint: ## Check style and formatting
	@$(VENV)/python -m ruff format --check .
	@$(VENV)/python -m ruff check .

types: ## Check types
	@$(VENV)/python -m mypy

imports: ## Check which room may import which
	@$(VENV)/lint-imports

test-python: ## Python tests on a real Postgres and a real Redis
	@$(VENV)/python -m pytest -m "not slow and not e2e"

test-frontend: ## Lint, type-check and test the front end
	@$(NPM) run --silent lint
	@$(NPM) run --silent check
	@$(NPM) run --silent test

test-e2e: ## Tests that drive a real browser
	@$(VENV)/python -m pytest -m e2e tests/e2e

test-all: install-dev ## The same with the torture, and with every browser test in both languages
	@$(VENV)/python -m tests.summary --all

torture: ## What happens when processes are killed, servers are gone and files do harm, by real workers
	@$(VENV)/python -m pytest -m "torture and not slow"

timings: ## The tests with a bar in seconds, held to it: for a machine that does nothing else
	@KBCHAT_EXACT_TIMES=1 $(VENV)/python -m pytest -m "timed and not slow"

proofs-office: ## Every file of shared/data/office by the real importer; writes docs/office-files.md
	@KBCHAT_OFFICE_TABLE=docs/office-files.md $(VENV)/python -m pytest -m slow tests/workers/test_office_files.py

proofs-office-97: ## DOC, XLS and PPT by a real LibreOffice, where it is installed
	@$(VENV)/python -m pytest -m slow tests/rules/test_converting_office.py

proofs-scan: ## A scan of many pages by real workers while somebody else uploads, with its figures; PAGES=200
	@PAGES=$(or $(PAGES),200) $(VENV)/python -m pytest -s -m slow tests/workers/test_long_scans.py

proofs-hostile: ## The heavy ones of the files that are made to harm, by real workers
	@$(VENV)/python -m pytest -m slow tests/workers/test_hostile_files.py

proofs-streams: ## 10,000 fuzzed streams through the citation parser, and 1,000 random cuts of answers that are followed
	@$(VENV)/python -m pytest -m slow tests/rules/test_answering_citing.py tests/services/test_chat_cuts.py

proofs: ## The slow tests: all shared data, and the golden questions over a real handbook
	@$(VENV)/python -m pytest -m slow --ignore tests/vllm

proofs-swap: ## An encoder is exchanged under questions while who embeds and who switches is killed; KILLS=6, PAGES and ENCODER=eight-bits say how
	@$(VENV)/python -m pytest -m slow tests/workers/test_swapping_encoders.py

proofs-migrating: ## Former code at work while the migrations since then run; FORMER names its commit, SECONDS before and after
	@$(VENV)/python -m pytest -m slow tests/workers/test_migrating_live.py

soak-web: ## The web process is used for MINUTES=10; what it holds stays the same
	@MINUTES=$(or $(MINUTES),10) $(VENV)/python -m pytest -s -m slow tests/web/test_leaks.py

soak: ## Documents are sent in while every process is killed at random; MINUTES=60
	@MINUTES=$(or $(MINUTES),60) $(VENV)/python -m pytest -s -m slow tests/workers/test_soak.py

test-vllm: install-dev ## The language model's contract and every end of an answer with a real vLLM; installs it (2 GB) in VLLM=var/vllm
	@PYTHON=$(PYTHON) deploy/vllm/install_cpu.sh $(VLLM)
	@KBCHAT_VLLM_DIR=$(VLLM) KBCHAT_REQUIRE_ALL=1 $(VENV)/python -m pytest -m slow tests/vllm

bench-permissions: ## What permissions cost at 100,000 passages; FOLDER keeps the library (2 GB)
	@test -n "$(FOLDER)" || { echo "kbchat: say where the library is kept: make bench-permissions FOLDER=/some/folder"; exit 1; }
	@$(VENV)/python -m bench.permissions $(FOLDER)

bench-existence: ## Whether time tells what is hidden from what is absent, in the same library; FOLDER keeps it
	@test -n "$(FOLDER)" || { echo "kbchat: say where the library is kept: make bench-existence FOLDER=/some/folder"; exit 1; }
	@$(VENV)/python -m bench.existence $(FOLDER)

bench-layouts: ## Three ways to keep postings beside each other; PASSAGES=300000 for another size, FOLDER keeps the libraries
	@test -n "$(FOLDER)" || { echo "kbchat: say where the libraries are kept: make bench-layouts FOLDER=/some/folder"; exit 1; }
	@$(VENV)/python -m bench.layouts $(FOLDER) $(if $(PASSAGES),--passages $(PASSAGES))

bench-graph: ## The graph index over vectors beside comparing all; as bench-layouts
	@test -n "$(FOLDER)" || { echo "kbchat: say where the libraries are kept: make bench-graph FOLDER=/some/folder"; exit 1; }
	@$(VENV)/python -m bench.graph $(FOLDER) $(if $(PASSAGES),--passages $(PASSAGES))

bench-peers: ## kbchat beside other retrieval on the same Postgres; FOLDER keeps what it makes (4 GB); SMALL=1 for a look
	@test -n "$(FOLDER)" || { echo "kbchat: say where it keeps what it makes: make bench-peers FOLDER=/some/folder"; exit 1; }
	@$(VENV)/python -m bench.peers $(FOLDER) $(if $(SMALL),--small)

bench-encoding: ## What the encoder costs beside a plain encode; MODEL=FOLDER measures other weights
	@$(VENV)/python -m bench.encoding $(if $(MODEL),--model $(MODEL))

bench-ingesting: ## What ingestion costs beside the encoder, at 1,000 text pages; FOLDER gets a database
	@test -n "$(FOLDER)" || { echo "kbchat: say where the database may be: make bench-ingesting FOLDER=/some/folder"; exit 1; }
	@$(VENV)/python -m bench.ingesting $(FOLDER)

bench-streams: ## How many answers stream at once before readers feel it, and what bounds it
	@$(VENV)/python -m bench.streams

bench-ui: ## How long a reader waits for the page, and how long the first run takes, beside what is aimed at
	@$(VENV)/python -m bench.ui

pictures: ## Every page as a picture, in both languages, on phone and desktop, light and dark, into FOLDER
	@test -n "$(FOLDER)" || { echo "kbchat: say where the pictures go: make pictures FOLDER=/some/folder"; exit 1; }
	@$(VENV)/python -m tests.e2e.picture_pages $(FOLDER)

bench-rebuilding: ## What a build of another index costs who asks, and they it; PAGES_FOLDER has some hundreds of Markdown pages
	@test -n "$(PAGES_FOLDER)" || { echo "kbchat: say where pages are: make bench-rebuilding PAGES_FOLDER=/some/folder"; exit 1; }
	@$(VENV)/python -m bench.rebuilding $(PAGES_FOLDER)

bench-inheriting: ## What weights lose that a new generation inherits, beside fitted ones; FOLDER gets a database
	@test -n "$(FOLDER)" || { echo "kbchat: say where the database may be: make bench-inheriting FOLDER=/some/folder"; exit 1; }
	@$(VENV)/python -m bench.inheriting $(FOLDER)/inheriting

bench-claims: ## What a model adds to the check of claims by words; SERVER=http://127.0.0.1:8001/v1, MODEL where it serves several
	@test -n "$(SERVER)" || { echo "kbchat: say where the model is: make bench-claims SERVER=http://127.0.0.1:8001/v1"; exit 1; }
	@$(VENV)/python -m bench.claims $(SERVER) $(MODEL)

fix: ## Format, and repair what the linter can
	@$(VENV)/python -m ruff check --fix .
	@$(VENV)/python -m ruff format .

lock: ## Pin the packages of pyproject.toml anew, with hashes
	@$(PYTHON) deploy/lock.py

clean: ## Remove what install and checks made; data in var/ stays
	@rm -rf .venv frontend/node_modules kbchat/web/static/app .mypy_cache .ruff_cache .hypothesis .import_linter_cache .pytest_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
