# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page tables of virtual machines and of devices (``SecPageTables``)."""

from __future__ import annotations

from .dimension import Dimension

SECONDARY_PAGE_TABLES = Dimension(
    name="secondary_page_tables",
    label="Secondary page tables",
    sentence="The same maps for virtual machines and for devices.",
    counter="SecPageTables",
)
