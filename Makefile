# SPDX-License-Identifier: Apache-2.0
# One word for everything: `make help` lists the words. Each target can be run again; nothing is done twice.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := all
.NOTPARALLEL:
.PHONY: all help run test check build dev release tsan fuzz coverage bench fmt lint format-check tidy clean \
        deps deps-test deps-lint deps-bench venv unit e2e e2e-asan unit-tsan e2e-tsan check-rest

JOBS ?= $(shell nproc)
# Passed to the agent by `make run`, such as RUN_ARGS="--port 3773 --secrets examples/secrets.toml".
RUN_ARGS ?=
# Seconds of fuzzing per target in `make fuzz`.
FUZZ_SECONDS ?= 20
# Which end-to-end tests run under ThreadSanitizer: those that make threads meet.
TSAN_E2E ?= tests/e2e
PYTEST := .venv/bin/pytest -q -n $(JOBS) -p no:cacheprovider
PYTEST_ARGS ?=

AGENT := src/cli/aws-secrets-manager-agent
SOURCES = $(shell find src tests bench -name '*.cpp' -o -name '*.hpp' | sort)

say = @printf '\033[1m== %s\033[0m\n' "$(1)"
# configure_and_build PRESET
define configure_and_build
	@mkdir -p build
	@cmake --preset $(1) >build/configure-$(1).log 2>&1 || { cat build/configure-$(1).log; exit 1; }
	@cmake --build build/$(1) -j $(JOBS)
endef

all: deps-test dev ## dev build and unit tests (the default)
	$(call say,unit tests)
	@ctest --preset dev

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

run: release ## install what is missing, build the release binary, start it on its development backend
	$(call say,starting the agent on its development backend (Ctrl-C ends it))
	@exec build/release/$(AGENT) dev $(RUN_ARGS)

test: unit e2e ## every test: unit, fuzz corpus, toolchain, wire, end to end

check: test check-rest ## what CI runs: test, sanitizers, lint, format

# All of `check` but `test`, for .ci/run.
check-rest: format-check lint e2e-asan unit-tsan e2e-tsan

build: release ## the release binary: build/release/src/cli/aws-secrets-manager-agent

dev: deps-test ## debug build with AddressSanitizer and UndefinedBehaviorSanitizer
	$(call say,building: dev preset)
	$(call configure_and_build,dev)

release: deps ## the static binary that is shipped
	$(call say,building: release preset)
	$(call configure_and_build,release)

tsan: deps-test ## build with ThreadSanitizer
	$(call say,building: tsan preset)
	$(call configure_and_build,tsan)

unit: dev
	$(call say,unit tests)
	@ctest --preset dev

e2e: release venv
	$(call say,wire and end-to-end tests (release binary))
	@SMA_BINARY=build/release/$(AGENT) $(PYTEST) $(PYTEST_ARGS) tests/wire tests/e2e

e2e-asan: dev venv
	$(call say,wire and end-to-end tests (AddressSanitizer binary))
	@SMA_BINARY=build/dev/$(AGENT) $(PYTEST) $(PYTEST_ARGS) tests/wire tests/e2e

unit-tsan: tsan
	$(call say,unit tests (ThreadSanitizer))
	@ctest --preset tsan

e2e-tsan: tsan venv
	$(call say,end-to-end tests (ThreadSanitizer binary))
	@SMA_BINARY=build/tsan/$(AGENT) $(PYTEST) $(PYTEST_ARGS) $(TSAN_E2E)

fuzz: deps-test ## build the libFuzzer targets and run each for FUZZ_SECONDS (20)
	$(call say,building: fuzz preset)
	$(call configure_and_build,fuzz)
	$(call say,fuzzing $(FUZZ_SECONDS) s a target; what crashes lands in build/fuzz/crashes)
	@mkdir -p build/fuzz/crashes
	@for target in $$(find build/fuzz/tests/fuzz -maxdepth 1 -name 'fuzz_*' -type f -executable | sort); do \
	  name=$${target##*/fuzz_}; mkdir -p build/fuzz/found/$$name; \
	  printf '%s: ' "$$name"; \
	  $$target -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=1024 -artifact_prefix=build/fuzz/crashes/ \
	    build/fuzz/found/$$name tests/corpus/$$name >build/fuzz/$$name.log 2>&1 \
	    || { tail -n 40 build/fuzz/$$name.log; exit 1; }; \
	  tail -n 1 build/fuzz/$$name.log; \
	done

coverage: deps-test ## line coverage of the unit tests: build/coverage/report.txt
	$(call say,building: coverage preset)
	$(call configure_and_build,coverage)
	$(call say,unit tests (coverage))
	@rm -rf build/coverage/profiles
	@LLVM_PROFILE_FILE=$(CURDIR)/build/coverage/profiles/%p.profraw ctest --preset coverage
	@llvm-profdata-19 merge -sparse build/coverage/profiles/*.profraw -o build/coverage/all.profdata
	@tests=$$(find build/coverage -name '*_test' -type f -executable); set -- $$tests; first=$$1; shift; \
	  llvm-cov-19 report "$$first" $$(printf -- '-object %s ' "$$@") -instr-profile=build/coverage/all.profdata \
	    -ignore-filename-regex='(^/usr/|_test\.cpp$$|/tests/)' >build/coverage/report.txt
	@tail -n 1 build/coverage/report.txt
	@echo "per file: build/coverage/report.txt"

bench: deps-bench release ## measure against a bare loop and nginx in one run: bench/results.json
	$(call say,building: the bare loop)
	@cmake -S bench -B build/bench -G Ninja -DCMAKE_CXX_COMPILER=clang++-19 -DCMAKE_BUILD_TYPE=Release >/dev/null
	@cmake --build build/bench
	$(call say,measuring; a quiet machine gives better numbers)
	@python3 bench/run.py --agent build/release/$(AGENT) --floor build/bench/floor

fmt: deps-lint ## format the sources in place
	@clang-format-19 -i $(SOURCES)

format-check: deps-lint ## fail if anything is not formatted
	$(call say,format)
	@clang-format-19 --dry-run --Werror $(SOURCES)

lint: deps-lint tidy ## clang-tidy, shellcheck, man page, dependency direction, bans
	$(call say,lint)
	@shellcheck -x $$(find tools bench tests packaging -name '*.sh' 2>/dev/null) .ci/run
	@mandoc -Tlint -W style doc/*.1
	@python3 tools/check-layers.py
	@python3 tools/check-banned.py

# Over the dev preset's compile commands, so that the sources are parsed as they are built; of the build itself only the
# precompiled headers are needed. Tests are left out: they run under the sanitizers anyway, and would double the time.
tidy: deps-lint
	$(call say,clang-tidy)
	@mkdir -p build
	@cmake --preset dev >build/configure-dev.log 2>&1 || { cat build/configure-dev.log; exit 1; }
	@cmake --build build/dev -j $(JOBS) -t $$(ninja -C build/dev -t targets all | sed -n 's/^\(.*\/sma_[a-z]*\.dir\/cmake_pch\.hxx\.pch\): .*/\1/p')
	@run-clang-tidy-19 -quiet -j $(JOBS) -p build/dev '^$(CURDIR)/src/.*(?<!_test)(?<!_test_server)\.cpp$$' >build/tidy.log 2>&1 \
	  || { grep -A 4 -E '(error|warning): ' build/tidy.log || cat build/tidy.log; exit 1; }

clean: ## remove everything that was built (the Python environment stays)
	rm -rf build

deps:
	$(call say,packages: build)
	@tools/install-deps.sh build

deps-test:
	$(call say,packages: build test)
	@tools/install-deps.sh build test

deps-lint:
	$(call say,packages: build test lint)
	@tools/install-deps.sh build test lint

deps-bench:
	$(call say,packages: build bench)
	@tools/install-deps.sh build bench

venv: deps-test
	$(call say,Python test environment: .venv)
	@tools/venv.sh
