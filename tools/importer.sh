#!/bin/sh
# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Build the collection and run Galaxy's own importer on it, as Galaxy does at upload.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
work="$root/.cache/importer"
rm -rf "$work"
mkdir -p "$work"
PATH="$root/.venv/importer/bin:$PATH"
sh "$root/tools/staged.sh" "$root/.venv/newest/bin/ansible-galaxy" collection build --force --output-path "$work" .
printf '[galaxy-importer]\nCHECK_REQUIRED_TAGS = True\n' >"$work/galaxy-importer.cfg"
cd "$work"
GALAXY_IMPORTER_CONFIG="$work/galaxy-importer.cfg" python -m galaxy_importer.main ./*.tar.gz 2>&1 | tee importer.txt
! grep -E 'WARNING|ERROR' importer.txt
