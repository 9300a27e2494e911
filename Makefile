# `make` lists the targets. Needed: Rust (rust-toolchain.toml says which), Python 3.11;
# with Go (1.26 was tried) the S3 tests run against MinIO, else against moto. Node (20.19 or newer)
# builds the page and a Chromium tries it: both are fetched where they are missing.

.DEFAULT_GOAL := help
.PHONY: help run web page browser screenshots test check fmt clippy doc deny fuzz conformance fixtures bench soak

help: ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/\1\t\2/' | expand -t 14

web: ## build the page into web/dist, for the next build of the binary
	@scripts/web.sh

run: ## build with the page, and serve fixtures/ at http://127.0.0.1:8080
	@scripts/run.sh

test: ## install what the tests need, and run all of them
	@scripts/test.sh

check: page fmt clippy doc deny test browser fuzz ## everything that CI runs

page: ## formatting, lints, types, tests and size of the page, and build it
	@scripts/web.sh check

browser: ## try the page of the built binary in a headless Chromium
	@scripts/browser.sh

screenshots: ## take the pictures of the README again
	@scripts/screenshots.sh

fmt: ## formatting
	cargo fmt --all --check
	cargo fmt --manifest-path fuzz/Cargo.toml --check

clippy: ## lints, warnings denied
	cargo clippy --workspace --all-targets --locked -- -D warnings
	cargo clippy --package h5scout --all-targets --features otel --locked -- -D warnings

doc: ## documentation, warnings denied
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked --document-private-items

deny: ## licences, bans, origins and advisories of dependencies
	@scripts/deny.sh

fuzz: ## all fuzz targets, ten seconds each; FUZZ_SECONDS=600 TARGET=heaps make fuzz
	@scripts/fuzz.sh $(TARGET)

conformance: ## compare with h5py over the corpus, and print the table
	cargo test --locked --package h5scout-tests --test all conformance

bench: ## measure ours beside its peers; ONLY=cold,warm, QUICK=1 (docs/performance.md)
	@scripts/bench.sh

soak: ## SOAK_SECONDS (600) of random questions with faults and a writer: answers, memory
	@scripts/soak.sh

fixtures: ## make all fixtures and their dumps again
	@bash -c 'source scripts/common.sh && "$$(python_with_requirements)" fixtures/make/all.py'
