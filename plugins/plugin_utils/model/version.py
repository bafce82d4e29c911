# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection's version, as it stands in every report. A test holds it equal to galaxy.yml."""

from __future__ import annotations

VERSION = "1.0.0"
