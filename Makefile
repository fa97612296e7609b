# Everything one does with Myna, a line each; `make help` lists them.
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: run demo test build native clients ctorch operators check docs results bench portable portable-try fuzz parity voices format clean help

TORCH ?= $(if $(MYNA_TORCH),$(MYNA_TORCH),$(CURDIR)/.native/python/torch)
SWIFT ?= swift
JOBS ?= $(shell getconf _NPROCESSORS_ONLN)
# One set of flags for commands and tests: what one builds, the other needn't.
SWIFT_FLAGS := -c release -Xswiftc -enable-testing
MYNA := .build/release/myna
# Tests that hang fail after 25 minutes, where `timeout` exists, instead of holding up who waits for them.
TEST_LIMIT := $(shell command -v timeout >/dev/null && echo timeout --verbose --kill-after=10 1500)

run: demo ## Build, hold a spoken conversation of three turns, then serve the page to talk on
	@Tools/serve_on.sh $(MYNA)

demo: build ## The same without serving
	@$(MYNA) demo --out out

test: native clients ctorch check ## Build, then run every test
	@Tools/timed.sh "build with tests" $(SWIFT) build $(SWIFT_FLAGS) --build-tests
	@Tools/timed.sh "tests" $(TEST_LIMIT) $(SWIFT) test $(SWIFT_FLAGS) --skip-build --no-parallel --skip '^mynaTests[.]'
	@Tools/timed.sh "tests of the built program" $(TEST_LIMIT) $(SWIFT) test $(SWIFT_FLAGS) --skip-build --no-parallel --filter '^mynaTests[.]'

build: native ctorch ## Build the commands into .build/release/myna
	@Tools/timed.sh "build" $(SWIFT) build $(SWIFT_FLAGS) --product myna

native: ## Install what is missing: Debian packages, libtorch into .native/
	@Tools/setup.sh

clients: ## Install the real clients that tests use: Python packages into .native/clients/
	@Tools/setup.sh clients

ctorch: ## Compile the C shim over libtorch (TORCH=DIR: another one)
	@$(MAKE) -j$(JOBS) -f Tools/ctorch.mk TORCH="$(abspath $(TORCH))"

check: ## Look over the repository: sizes, layers, stray files, format
	@Tools/check.sh

format: ## Rewrite the Swift sources as .swift-format says
	@git ls-files -zco --exclude-standard '*.swift' | grep -zv /Generated/ | xargs -0 $(SWIFT) format -i --parallel

docs: build ## Write the reference of the Torch library from its doc comments into out/docs
	@Tools/docs.sh

results: build ## Evaluate the shipped models, write docs/results.md and .json
	@python3 Tools/results.py --myna $(MYNA)

bench: native ctorch ## Measure beside PyTorch (MYNA_PYTHON: a Python that has it), write docs/benchmarks.md and .json
	@Tools/timed.sh "build" $(SWIFT) build $(SWIFT_FLAGS) --product bench
	@python3 Tools/bench.py --bench .build/release/bench

operators: ## Write CTorch's operators and their Swift methods from Tools/operators.txt
	@python3 Tools/generate_operators.py --schema .native/python/torchgen/packaged/ATen/native/native_functions.yaml

portable: native ctorch ## Pack myna for machines with a libtorch and no Swift: out/myna-portable.tar.gz
	@Tools/setup.sh portable
	@Tools/portable.sh pack

portable-try: ## Unpack it with Swift hidden and another libtorch, then train and transcribe (needs root)
	@Tools/portable.sh try

fuzz: native ctorch ## Read damaged safetensors files under AddressSanitizer (COUNT=100000)
	@SWIFT="$(SWIFT)" Tools/timed.sh "fuzz" Tools/fuzz.sh $(COUNT)

parity: ## Write the parity fixtures anew from the reference Python classes
	@Tools/parity/all.sh

voices: ## Install the further voices of `myna data synthesise`
	@Tools/setup.sh voices

clean: ## Remove what was built; keep libtorch and training runs
	rm -rf .build .native/obj .native/lib out

help: ## List these
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 18
