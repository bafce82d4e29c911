# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# All that these need is Python 3 and a shell; the rest is prepared under .venv/ and .cache/.
#   make audit                        audit this machine
#   make kernel-memory [BIN=~/.local/bin]   install the command kernel-memory, see docs/command.md
#   make serve [REPORTS=reports] [PORT=8080]   the reports as a small site, on this machine alone
#   make audit INVENTORY=hosts.yml    audit an inventory      ARGS="..." adds arguments of ansible-playbook
#   make check                        the inner loop: lint, types, unit tests
#   make test                         everything
#   make nightly                      everything, with many more examples and kills, branch coverage and mutation tests; hours
#   make coverage                     branch coverage of the pure code, and where it is worst
#   make mutate [FILE=plugins/...py]  mutation tests: which changes of the code does no unit test notice?
#   make lab                          audit a fleet of loopback SSH hosts with everything wrong that goes wrong in fleets
#   make gate INVENTORY=hosts.yml     may kernels be upgraded? 0 pass, else 2, as make has it; `kernel-memory gate` ends with 10 fail, 11 inconclusive, 12 hold
#   make gate-lab                     a rolling upgrade of loopback hosts to a kernel that leaks, and where it stops
#   make dist                         the archive for Galaxy and a wheel, the same bytes from the same commit; in dist/
#   make site                         the documentation as a site, in dist/site
#   make bench [QUICK=1]              ratios: what an audit costs against a ping, a walk over processes against listing them, ...; a short look in three minutes

PYTHON ?= python3
INVENTORY ?=
ARGS ?=
REPORTS ?= reports
PORT ?= 8080
BIN ?= $(HOME)/.local/bin
export ANSIBLE_COLLECTIONS_PATH := $(CURDIR)/.cache/collections
export ANSIBLE_LOCAL_TEMP := $(CURDIR)/.cache/tmp

.PHONY: kernel-memory serve audit check test nightly coverage mutate lab gate gate-lab bench dist site clean
.SILENT:

audit:
	$(PYTHON) tools/prepare.py audit
	ANSIBLE_STDOUT_CALLBACK=$${ANSIBLE_STDOUT_CALLBACK:-fleetaudit.kernel_memory.quiet} .venv/audit/bin/ansible-playbook fleetaudit.kernel_memory.audit $(if $(INVENTORY),-i '$(INVENTORY)',-i localhost$(,) -c local) $(ARGS)

kernel-memory:
	$(PYTHON) tools/prepare.py audit
	mkdir -p "$(BIN)"
	printf '%s\n' '#!/bin/sh' 'export ANSIBLE_COLLECTIONS_PATH="$(ANSIBLE_COLLECTIONS_PATH)$${ANSIBLE_COLLECTIONS_PATH:+:$$ANSIBLE_COLLECTIONS_PATH}"' 'exec "$(CURDIR)/.venv/audit/bin/python" "$(CURDIR)/cli" "$$@"' > "$(BIN)/kernel-memory"
	chmod 755 "$(BIN)/kernel-memory"
	echo "$(BIN)/kernel-memory is there; for completion: source <(kernel-memory completion bash)"

serve:
	echo "http://127.0.0.1:$(PORT)/ shows the reports of $(REPORTS); Ctrl-C ends it"
	$(PYTHON) -m http.server --bind 127.0.0.1 --directory "$(REPORTS)" $(PORT)

check:
	$(PYTHON) tools/run_tests.py check

test:
	$(PYTHON) tools/run_tests.py test

nightly:
	$(PYTHON) tools/run_tests.py nightly

coverage:
	$(PYTHON) tools/prepare.py coverage
	.venv/coverage/bin/python tools/branches.py

mutate:
	$(PYTHON) tools/prepare.py mutation
	.venv/mutation/bin/python tools/mutate.py $(FILE)

lab:
	$(PYTHON) tools/prepare.py newest
	.venv/newest/bin/python tests/fleet/lab.py $(ARGS)

gate:
	$(PYTHON) tools/prepare.py audit
	$(PYTHON) cli/gate.py .venv/audit/bin/ansible-playbook $(if $(INVENTORY),-i '$(INVENTORY)',-i localhost$(,) -c local) $(ARGS)

gate-lab:
	$(PYTHON) tools/prepare.py newest
	.venv/newest/bin/python tests/gate/lab.py $(ARGS)

bench:
	$(PYTHON) tools/prepare.py newest oldest
	.venv/newest/bin/python tools/bench.py $(if $(QUICK),--quick)

dist:
	$(PYTHON) tools/prepare.py dist
	.venv/dist/bin/python tools/dist.py dist

site:
	$(PYTHON) tools/prepare.py site
	.venv/site/bin/python tools/site.py

clean:
	rm -rf .venv .cache tests/output

, := ,
