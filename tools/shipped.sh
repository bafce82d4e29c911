#!/bin/sh
# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Run a command in the collection as users get it: built of the folder where this is called and unpacked again. For staged.sh.
# Usage: shipped.sh COMMAND [ARGUMENT ...]
set -eu
top=$(mktemp -d "${TMPDIR:-/tmp}/shipped.XXXXXX")
trap 'rm -rf "$top"' EXIT
collection="$top/ansible_collections/fleetaudit/kernel_memory"
mkdir -p "$collection"
ansible-galaxy collection build --force --output-path "$top" . >"$top/said" || { cat "$top/said"; exit 1; }
tar --extract --gzip --file "$top"/*.tar.gz --directory "$collection"
cd "$collection"
git init -q .
git add -A
ANSIBLE_COLLECTIONS_PATH="$top" "$@"
