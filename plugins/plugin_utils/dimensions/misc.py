# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has a counter and no dimension of its own (``KReclaimable`` beyond slab, ``Quicklists``,
``ShadowCallStack``).
"""

from __future__ import annotations

from .dimension import Dimension

MISC = Dimension(
    name="misc",
    label="Other counted",
    sentence="Smaller kinds that have a counter of their own and belong to none of the above.",
)
