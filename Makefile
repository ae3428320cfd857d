# `make` alone lists the targets. Everything fetched or made is in build/.
# MIT licence

# The first Python that is new enough; any other: make PYTHON=/path/to/python ...
PYTHON = $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV   = build/venv/bin/python
SETUP  = pyproject.toml $(addprefix tools/,setup.py deps.py micropython.py apt.py node.py paths.py)

# For `make run` and `make repl`; they reach the program through the environment.
export PORTAL_PORT BOARD SIM_DIR RUNTIME
# The serial port of the board on the table, where there are several: make deploy PORT=/dev/ttyACM0
export PORT
# pytest keeps what it compiled, whatever the shell says: each of its processes needs it.
export PYTHONDONTWRITEBYTECODE =
# Tests at a time: many of them wait for a browser, a broker or a time-out.
JOBS   = 5
# More words for pytest, or for a command: make test ARGS='-k profiles -x', make flash ARGS=FILE
ARGS   =
ON_BOARDS = flash deploy label factory phone status settings forget logs doctor

.DEFAULT_GOAL := help
.PHONY: help run test long lab lab-shell lint bench bench-smartconfig sanitize mpy twins repl reset setup clean
.PHONY: flash deploy label factory phone status settings forget logs doctor board-repl packages
.DELETE_ON_ERROR:

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' Makefile | while IFS='|' read -r name text; do \
		printf '  make %-17s %s\n' "$$name" "$$text"; done

flash: ## write MicroPython to the board that is plugged in (ARGS=FILE, PORT)
deploy: ## copy the package to the board: what has changed
label: ## its QR label (ARGS='-o label.pdf')
phone: ## give it a Wi-Fi network over its access point, as a phone does
status: ## what it is, and whether it is online
settings: ## its settings (ARGS='ap_open=true' to change one)
forget: ## delete its stored networks
logs: ## what it prints
doctor: ## what is wrong with it
factory: ## many boards: flash, deploy, test, label (ARGS='--help')

$(ON_BOARDS): build/stamps/boards
	@exec $(VENV) -m tools $@ $(ARGS)

board-repl: build/stamps/boards ## its prompt
	@exec $(VENV) -m tools repl $(ARGS)

run: build/stamps/run ## simulated board with its portal (BOARD=esp32|rp2, RUNTIME=twin|micropython|cpython, PORTAL_PORT, SIM_DIR)
	@exec $(VENV) -m tools.run

test: build/stamps/dev ## all tests, on CPython, 32-bit MicroPython and twins of the boards (ARGS='-k word' for some)
	@$(VENV) -m pytest -n $(JOBS) $(ARGS)

long: build/stamps/dev ## the long and random tests as well: minutes
	@HYPOTHESIS_PROFILE=long $(VENV) -m pytest -n $(JOBS) --timeout=5000 $(ARGS)

lint: build/stamps/dev ## ruff, and pyright with the stubs of the ESP32 and of the Pico W
	@$(VENV) -m ruff check .
	@$(VENV) -m pyright -p tools/pyright-esp32.json
	@$(VENV) -m pyright -p tools/pyright-rp2.json

lab: build/stamps/dev ## the network lab alone: real packets, browsers and apps around a board (root)
	@$(VENV) -m pytest -n $(JOBS) tests_host/lab $(ARGS)

lab-shell: build/stamps/dev ## the lab left up, for a person: a board, a phone, routers (root; BOARD)
	@exec $(VENV) -m tools.lab

bench: build/stamps/dev ## memory and time against the budgets
	@$(VENV) -m tools.bench

bench-smartconfig: build/stamps/dev ## how fast SmartConfig hears a phone, what a frame costs, the plot in docs/img: minutes
	@$(VENV) -m tools.bench_smartconfig

sanitize: build/stamps/dev ## the behaviour tests and the C module on twins that watch for memory errors and undefined behaviour
	@TWIN_SANITIZER=-san UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 \
		$(VENV) -m pytest -n $(JOBS) -k '[esp32] or [rp2] or wifi_sniffer' tests_host/behaviour \
		tests_host/pc/test_wifi_sniffer*.py $(ARGS)

mpy: build/stamps/dev ## cross-compile lib and its dependencies into build/mpy
	@$(VENV) -m tools.mpy

packages: build/stamps/boards ## the JSON files for mip (ARGS=serve: an index of our own)
	@$(VENV) -m tools.packages $(ARGS)

twins: build/stamps/run ## build the ESP32's and the Pico W's own network module for this machine
	@$(VENV) -m tools.twins

repl: build/stamps/run ## a live MicroPython prompt on a simulated board (PORTAL_PORT, BOARD, SIM_DIR)
	@exec $(VENV) -m tools.repl

reset: ## make the simulated board forget everything (empties SIM_DIR)
	@$(PYTHON) -m tools.reset

setup: build/stamps/dev ## make build/ ready for all of this

clean: ## remove build/
	@rm -rf build

build/stamps/%: $(SETUP)
	@test -n "$(PYTHON)" || { echo "setup: Python 3.11 or newer is needed, and none is on PATH:" \
		"install python3 and python3-venv, or call make PYTHON=/path/to/python" >&2; exit 1; }
	@$(PYTHON) -m tools.setup $*
	@mkdir -p build/stamps && touch $@
