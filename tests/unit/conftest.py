# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Profiles of the property tests: how many examples each tries. HYPOTHESIS_PROFILE chooses one."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

for name, examples in (("few", 25), ("default", 200), ("nightly", 20_000)):
    settings.register_profile(
        name,
        max_examples=examples,
        # A shared machine is slow at times, which is no defect of the code under test.
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
        print_blob=True,
        # `make test` says of one commit the same each time; what is new is looked for at night.
        derandomize=name != "nightly",
    )
settings.register_profile("mutation", settings.get_profile("few"), max_examples=50, database=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
