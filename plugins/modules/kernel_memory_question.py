#!/usr/bin/python
# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
module: kernel_memory_question
short_description: Answer one question of an investigation of kernel memory
description:
  - The part of M(fleetaudit.kernel_memory.kernel_memory_investigate) that
    O(fleetaudit.kernel_memory.kernel_memory_investigate#module:transport=module) runs on the host.
  - Use M(fleetaudit.kernel_memory.kernel_memory_investigate) in plays; what a request and an answer hold may change
    with each version.
version_added: "1.0.0"
author:
  - The fleetaudit.kernel_memory authors (@fleetaudit)
options:
  request:
    description: The question as JSON, made by M(fleetaudit.kernel_memory.kernel_memory_investigate).
    type: json
    required: true
attributes:
  check_mode:
    description: Reads in check mode as always, and does not trace.
    support: full
  diff_mode:
    description: Nothing is changed, so there is no difference to show.
    support: none
"""

EXAMPLES = r"""
- name: Take two readings, five seconds apart
  fleetaudit.kernel_memory.kernel_memory_question:
    request: '{"question": "watch", "windows": 1, "seconds": 5, "deadline": 30}'
  register: host_answer
"""

RETURN = r"""
answer:
  description: What the host says, before any of it is understood.
  returned: success
  type: dict
  sample: {question: watch, times: [0.0, 5.0]}
"""

import json

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.investigate.ask import ask


def main():
    module = AnsibleModule(argument_spec={"request": {"type": "json", "required": True}}, supports_check_mode=True)
    try:
        request = json.loads(module.params["request"])
        answer = ask(dict(request, check_mode=module.check_mode))
    except (ValueError, KeyError, RuntimeError) as error:
        module.fail_json(msg="The question could not be answered: %s." % error)
    module.exit_json(changed=False, answer=answer)


if __name__ == "__main__":
    main()
