# make demo | make test | make test-long | make check | make lock | make clean
# Every recipe is also a list of plain commands in the README.

PYTHON ?= python3
BIN := .venv/bin
DEMO := .demo
# Two processes, each with half of the tests in their order, since those of a file share what they are
# run on; who is done first takes half of what the other has left. Long files count their kills: each
# goes to one process, whole.
TWO := -n 2 --dist worksteal
TWO_LONG := -n 2 --dist loadfile

# Shows a command, runs it, and goes on at exit 0 or at the exit code named first.
show = @printf '\n\033[1m$$ %s\033[0m\n' "ragkit $(2)"; $(BIN)/ragkit $(2); code=$$?; [ $$code -eq 0 ] || [ $$code -eq $(1) ]

.PHONY: demo test test-long check setup models lock clean

setup: .venv/.ready
	@command -v tesseract > /dev/null || echo 'Scans are not read without tesseract: sudo apt install tesseract-ocr tesseract-ocr-spa'

# Everything by digest, then torch (by version, see hashes.txt) and ragkit itself.
.venv/.ready: pyproject.toml constraints.txt hashes.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes --no-deps --requirement hashes.txt
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@

models: setup
	$(BIN)/python -m compileall -q ragkit  # sealed commands cannot write what Python keeps of modules
	$(BIN)/ragkit models pull all-MiniLM-L6-v2 SmolLM2-135M-Instruct

demo: export RAGKIT_CONFIG = $(DEMO)/pipelines.yaml
demo: models
	@rm -rf $(DEMO) && mkdir $(DEMO) && cp -r corpora pipelines.yaml $(DEMO)/
	@printf '\nOne sample file of each corpus cannot be read on purpose (one is broken, one asks for a password),\nwithout tesseract the scans neither: ragkit names them and ends with exit code 3, "done, but not all was read".\n'
	$(call show,3,ingest medical)
	$(call show,3,ingest legal)
	@sh corpora/demo.sh $(BIN)/ragkit $(DEMO)

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: check models
	$(BIN)/pytest $(TWO)

test-long: models
	$(BIN)/pytest $(TWO_LONG) -m long

# Writes hashes.txt anew, after constraints.txt or pyproject.toml has changed. Asks the package index.
lock:
	$(PYTHON) -m venv .lock
	.lock/bin/python -m pip install --quiet uv==0.13.9
	.lock/bin/uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11.5 \
	    --extra dev --constraint constraints.txt --output-file .lock/resolved.txt pyproject.toml
	$(PYTHON) tests/dependencies/lock.py < .lock/resolved.txt > .lock/hashes.txt
	mv .lock/hashes.txt hashes.txt && rm -rf .lock

clean:
	rm -rf $(DEMO) .ragkit .pytest_cache .mypy_cache .ruff_cache
