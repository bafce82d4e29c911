# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand in for the script with which ansible-test installs pip, without its download: pip from the standard library.

ansible-test runs it with pip's own arguments and the requirements to install. Must run on every Python that
ansible-test may choose.
"""

import subprocess
import sys

requirements = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
subprocess.check_call([sys.executable, "-m", "ensurepip", "--default-pip"])
if requirements:
    subprocess.check_call([sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check"] + requirements)
