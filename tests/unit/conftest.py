# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Profiles of the property tests; HYPOTHESIS_PROFILE chooses one. The other tests run without hypothesis."""

import os

try:
    from hypothesis import HealthCheck, settings
except ImportError:
    collect_ignore_glob = ["*_properties.py", "**/*_properties.py"]
else:
    # A shared machine is slow at times, which is no defect of the code under test.
    COMMON = {"deadline": None, "print_blob": True, "suppress_health_check": [HealthCheck.too_slow]}
    settings.register_profile("default", max_examples=200, **COMMON)
    settings.register_profile("nightly", max_examples=20000, **COMMON)
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
