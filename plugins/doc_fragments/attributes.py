# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """What the modules of this collection promise about check mode, diff mode and the controller."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff
      mode.
"""

    FACTS = r"""
options: {}
attributes:
  action:
    description: Has a part that runs on the controller, before anything runs on the host.
    support: full
  async:
    description: Works with the C(async) keyword.
    support: partial
    details: Brings the facts by the ordinary module, and takes no spool.
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    support: full
    details: This action does not modify state.
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff
      mode.
    support: N/A
    details: This action does not modify state.
  facts:
    description: Returns an C(ansible_facts) dictionary that will update existing host facts.
    support: full
  platform:
    description: Target OS that can be operated against.
    platforms: linux
    support: full
"""

    CONTROLLER = r"""
options: {}
attributes:
  action:
    description: Has a part that runs on the controller, before anything runs on the host.
    support: full
    details: Runs on the controller only and opens no connection.
  bypass_host_loop:
    description: Runs once for all hosts whatever the task says.
    support: none
    details: Use C(run_once) and C(delegate_to=localhost).
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    support: full
    details: No host is ever changed. In check mode nothing is written on the controller, either.
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff
      mode.
    support: N/A
    details: This action does not modify hosts.
  platform:
    description: Target OS that can be operated against.
    platforms: posix
    support: full
"""

    GATHERING = r"""
options: {}
attributes:
  action:
    description: Has a part that runs on the controller, before anything runs on the host.
    support: full
    details: Runs on the controller, and starts the ssh clients itself.
  bypass_host_loop:
    description: Runs once for all hosts whatever the task says.
    support: full
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    support: full
    details: This action does not modify state.
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff
      mode.
    support: N/A
    details: This action does not modify state.
  platform:
    description: Target OS that can be operated against.
    platforms: linux
    support: full
"""
