#!/bin/sh
# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Run a command in a copy of the checkout (what git knows or would add) that lies where ansible-test and ansible-lint demand a
# collection to be: .../ansible_collections/fleetaudit/kernel_memory. Usage: staged.sh COMMAND [ARGUMENT ...]
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
# One copy a run of this script, so that two may run side by side; kept out of the checkout's own .git, which would confuse ansible-test.
top="$root/.cache/stage/$$"
stage="$top/ansible_collections/fleetaudit/kernel_memory"
trap 'rm -rf "$top"' EXIT
mkdir -p "$stage"
cd "$root"
# A file that was deleted and not yet committed is still listed, and passed over.
git ls-files -co --exclude-standard -z | tar --null --ignore-failed-read --files-from - --create --file - | tar --extract --file - --directory "$stage"
cd "$stage"
git init -q .
git add -A
ANSIBLE_COLLECTIONS_PATH="$top" "$@"
