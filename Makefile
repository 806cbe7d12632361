# Everything starts here: `make` shows what there is.
SHELL := /bin/bash
.DEFAULT_GOAL := help

BUN := node_modules/.bin/bun
PROGRAMS := mcp-server mcp-client mcp-agent
BINARIES := $(PROGRAMS:%=dist/%)
PAGE_SOURCES := $(shell find lib/web -type f 2>/dev/null) package.json package-lock.json
SOURCES := $(shell find cmd lib -type f 2>/dev/null) package.json package-lock.json

# Each flag is load-bearing: without them the binary runs a bunfig.toml and a .env that lie in the current
# folder, embeds development builds, or starts ten times slower. NODE_ENV is embedded, too: a build that a test
# starts must be the one that is released.
BUILD := NODE_ENV=production $(BUN) build --compile --production --bytecode --format=esm --splitting \
	--no-compile-autoload-dotenv --no-compile-autoload-bunfig

.PHONY: help
help: ## Show this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

# npm may have kept bun's install script from running; then its stub is replaced here.
node_modules/.package-lock.json: package.json package-lock.json
	@npm ci --no-fund --no-audit --loglevel=error
	@$(BUN) --version >/dev/null 2>&1 || node node_modules/bun/install.js
	@touch $@

.PHONY: install
install: node_modules/.package-lock.json ## Install the pinned packages

# The page of mcp-server: bundled, hashed and compressed once, then carried by the executable.
PAGE := dist/page/manifest.json
$(PAGE): $(PAGE_SOURCES) node_modules/.package-lock.json
	@NODE_ENV=production $(BUN) lib/web/bundle-page.ts

dist/mcp-server: $(PAGE)
dist/mcp-server: BUILD += --asset dist/page

dist/%: $(SOURCES) node_modules/.package-lock.json
	@mkdir -p dist
	@$(BUILD) cmd/$*/main.ts --outfile $@ >/dev/null
	@$@ --version >/dev/null || { rm -f $@; echo "$@ was built and does not start" >&2; exit 1; }

.PHONY: build
build: $(BINARIES) ## Compile the executables into dist/

.PHONY: demo
demo: build ## Try everything on this machine: server, sign-in, client; no account needed
	@$(BUN) tests/demo/main.ts

.PHONY: dev
dev: build ## Start the server with the dev tenant
	@dist/mcp-server --dev

.PHONY: test
test: check build ## Check and test everything; the last line counts
	@mkdir -p dist; set -o pipefail; $(BUN) test --only-failures --timeout 20000 --parallel=3 --no-isolate 2>&1 | tee dist/test-output.txt; status=$$?; \
	awk '$$2 == "pass" && NF == 2 { passed = $$1 } $$2 == "fail" && NF == 2 { failed = $$1 } \
		$$2 == "skip" && NF == 2 { skipped = $$1 } \
		END { printf "%d passed, %d failed%s\n", passed, failed, skipped ? ", " skipped " skipped" : "" }' \
		dist/test-output.txt; exit $$status

.PHONY: bench
bench: build ## Measure start-up, time limits, tokens, load, slow clients, the page and speed; say which goal is missed
	@status=0; for name in start-up client-limits verification unknown-keys transport page http; do \
		$(BUN) tests/bench/$$name.ts $(if $(QUICK),quick) || status=1; echo; \
	done; exit $$status

.PHONY: release
release: install $(PAGE) ## Build the release for every platform, or for those in TARGETS, into dist/release/
	@$(BUN) .release/build.ts $(TARGETS)
	@$(BUN) tests/release/try-archive.ts

.PHONY: mutants
mutants: install ## Switch off each check of verification, sign-in and direct path in turn: the tests must notice
	@$(BUN) tests/mutants/main.ts $(ONLY)

.PHONY: stress
stress: install ## Let 20 processes renew 50 times each from one token cache, and watch the file
	@$(BUN) tests/stress/main.ts

.PHONY: fuzz
fuzz: install ## Verify a million mutated tokens and compare every answer with the table
	@$(BUN) tests/fuzz/main.ts

.PHONY: conformance
conformance: build ## Run the official MCP conformance suite: server and client, both revisions
	@$(BUN) tests/conformance/server-main.ts
	@$(BUN) tests/conformance/client-main.ts

.PHONY: readme
readme: build ## Write the tables of the README and its picture of a terminal anew
	@$(BUN) tests/readme/update.ts

.PHONY: check
check: install ## Check types, lint and format
	@$(BUN) check --build
	@node_modules/.bin/oxlint --quiet
	@$(BUN) fmt --check .

.PHONY: clean
clean: ## Remove what was built
	rm -rf dist
