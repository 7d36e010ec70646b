# Heliostat: what people type. The work is done by meson and ninja; `make help` lists the targets.
# SPDX-License-Identifier: Apache-2.0
SHELL = /bin/sh
PREFIX ?= /usr/local
DESTDIR ?=

.PHONY: all deps release test demo bench fuzz soak check install clean help

all: release

deps:
	@scripts/install-deps

release: deps
	@scripts/build build/release

test: deps
	@tools/run-tests

check: deps
	@tools/check-floors
	@tools/check-style

demo: release
	@tests/e2e/demo

bench: release
	@bench/codec/run
	@bench/compare --shapes D,F --json build/bench.json

fuzz: deps
	@tools/run-fuzz --seconds $${SECONDS_EACH:-20}

soak: release
	@tools/run-soak

install: release
	@meson configure build/release -Dprefix="$(PREFIX)"
	@meson install -C build/release --quiet --destdir "$(DESTDIR)"
	@install -D -m 755 scripts/helio-pki "$(DESTDIR)$(PREFIX)/sbin/helio-pki"

clean:
	rm -rf build

help:
	@echo 'make            build optimised programs: build/release/heliod and so on'
	@echo 'make test       everything that is tested; ends with "N passed, N failed, N skipped"'
	@echo 'make check      the floors and the style of the source'
	@echo 'make demo       the whole system in namespaces (root); SHORT=1 a subset, KEEP=1 leaves it running'
	@echo 'make bench      what the codec costs a prefix; heliod next to BIRD'
	@echo 'make fuzz       every fuzz target for SECONDS_EACH=20 seconds'
	@echo 'make soak       the demo again and again, for HOURS=1'
	@echo 'make install    into PREFIX=/usr/local, below DESTDIR'
	@echo 'make clean      removes build/'
