# `make run` starts everything on embedded defaults; `make test` runs the whole suite.
# Both set up .venv/ first, from the locked requirements, and do so again only when those change.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PROTOS := $(shell find protos -name '*.proto')
GOOGLEAPIS := build/googleapis

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: run test bench lint audit format proto proto-deps proto-check baseline docs docs-api lock clean help

help:            ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */\t/' | expand -t 14

run: $(VENV)/.run-ready    ## set up and start gRPC and REST on embedded defaults
	@exec $(BIN)/python server.py

test: $(VENV)/.dev-ready   ## set up and run every test, with coverage
	$(BIN)/python -m pytest -n auto --dist worksteal --cov --cov-report=term

bench: $(VENV)/.dev-ready  ## measure the gateway, its codec, and what a long history costs
	$(BIN)/python -m benchmarks.codec
	$(BIN)/python -m benchmarks.rest
	$(BIN)/python -m benchmarks.breakdown
	$(BIN)/python -m benchmarks.foods
	$(BIN)/python -m benchmarks.pictures
	$(BIN)/python -m benchmarks.cost
	$(BIN)/python -m benchmarks.export
	$(BIN)/python -m pytest -q -rP -p no:cacheprovider tests/abuse

lint: $(VENV)/.dev-ready proto-deps proto-check   ## every static check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/buf lint
	$(BIN)/buf format --diff --exit-code protos
	$(BIN)/buf breaking protos --against protos/baseline.binpb
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q -p no:cacheprovider tests/checks

audit: $(VENV)/.dev-ready  ## known weaknesses: in our code, and in what is locked for running it
	$(BIN)/bandit -q -r dietcare gateway server.py
	$(BIN)/pip-audit --disable-pip --require-hashes -r requirements.lock

format: $(VENV)/.dev-ready proto-deps   ## format code and protos
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/buf format --write protos

proto: $(VENV)/.dev-ready proto-deps    ## generate dietcare/v1 and gateway/v1 from protos/
	$(call protoc,.)

# Third-party protos come from the installed package, never from this repository.
proto-deps: $(VENV)/.dev-ready
	@mkdir -p $(GOOGLEAPIS)/google/api
	@cp -f $$($(BIN)/python -c 'import google.api as g; print(list(g.__path__)[0])')/annotations.proto \
	  $$($(BIN)/python -c 'import google.api as g; print(list(g.__path__)[0])')/http.proto \
	  $$($(BIN)/python -c 'import google.api as g; print(list(g.__path__)[0])')/field_behavior.proto \
	  $$($(BIN)/python -c 'import google.api as g; print(list(g.__path__)[0])')/httpbody.proto \
	  $(GOOGLEAPIS)/google/api/

proto-check: proto-deps    ## fail when the committed generated code is not what protos/ gives
	@rm -rf build/generated && mkdir -p build/generated
	@$(call protoc,build/generated)
	@for file in $$(cd build/generated && find . -type f); do \
	  cmp -s build/generated/$$file $$file || { echo "$$file is stale: run make proto"; exit 1; }; done
	@for file in $$(ls dietcare/v1/*_pb2* gateway/v1/*_pb2*); do \
	  test -f build/generated/$$file || { echo "$$file has no proto any more: remove it"; exit 1; }; done

baseline: proto-deps       ## take today's contract as the one that must not be broken
	$(BIN)/buf build protos --exclude-source-info -o protos/baseline.binpb

define protoc
$(BIN)/python -m grpc_tools.protoc -Iprotos -I$(GOOGLEAPIS) \
  --plugin=protoc-gen-mypy_grpc=$(BIN)/protoc-gen-mypy_grpc \
  --python_out=$(1) --pyi_out=$(1) $(PROTOS) && \
$(BIN)/python -m grpc_tools.protoc -Iprotos -I$(GOOGLEAPIS) --include_imports \
  --include_source_info --descriptor_set_out=$(1)/dietcare/v1/contract.binpb \
  protos/dietcare/v1/service.proto protos/dietcare/v1/error_reason.proto && \
$(BIN)/python -m grpc_tools.protoc -Iprotos -I$(GOOGLEAPIS) \
  --plugin=protoc-gen-mypy_grpc=$(BIN)/protoc-gen-mypy_grpc \
  --grpc_python_out=$(1) --mypy_grpc_out=quiet:$(1) protos/dietcare/v1/service.proto
endef

lock: $(VENV)/.dev-ready   ## resolve the locked requirements anew
	$(BIN)/pip-compile $(LOCK) --extra dev --extra local -o requirements-dev.lock pyproject.toml
	$(BIN)/pip-compile $(LOCK) --extra local -c requirements-dev.lock -o requirements.lock pyproject.toml
LOCK := -q --no-strip-extras --generate-hashes --allow-unsafe --no-header \
  --no-emit-index-url --no-emit-find-links --no-emit-trusted-host

$(VENV)/.run-ready: requirements.lock pyproject.toml
	@$(call install,requirements.lock)
	@touch $@

$(VENV)/.dev-ready: requirements-dev.lock pyproject.toml
	@$(call install,requirements-dev.lock)
	@touch $@ $(VENV)/.run-ready

define install
test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
  { echo "DietCare needs Python 3.11 or newer with venv (Debian: apt-get install python3-venv)"; exit 1; }; \
echo "Installing $(1) into $(VENV)/ ..." && \
$(BIN)/pip install -q --require-hashes -r $(1) && \
$(BIN)/pip install -q --no-deps --no-build-isolation -e .
endef

docs: docs-api             ## write the pages that are made from the code
	$(BIN)/python -m dietcare.settings_table > docs/settings.md

docs-api: $(VENV)/.dev-ready   ## write the OpenAPI document
	$(BIN)/python -m dietcare.openapi docs/openapi.json

clean:           ## remove what the other targets made, the data directory of `make run` included
	rm -rf $(VENV) .dietcare build dist *.egg-info .coverage* .mypy_cache .ruff_cache .pytest_cache .hypothesis
