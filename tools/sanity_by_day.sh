#!/bin/sh
# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Run ansible-test sanity with the Python that it runs on, and of the Pythons of hosts that are here what they are needed for. For sanity.sh.
# Usage: sanity_by_day.sh VERSION_IT_RUNS_ON VERSION_OF_HOSTS ...
set -eu
ansible-test sanity --color no --python "$1"
shift
for version in "$@"; do
    if command -v "python$version" >/dev/null; then
        ansible-test sanity --color no --python "$version" --test compile --test import
    fi
done
