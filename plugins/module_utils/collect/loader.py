# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules that the reader takes by name, as ordinary imports; the lean transport sends a function of the same
name in its place.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type


def load(name):
    """Return the module *name*, imported only now. Raises :class:`KeyError` for any other name."""
    return {
        "allocinfo": _allocinfo,
        "bound": _bound,
        "cgroup": _cgroup,
        "counts": _counts,
        "descriptors": _descriptors,
        "numa": _numa,
        "parts": _parts,
        "processes": _processes,
        "rare_parts": _rare_parts,
        "saved": _saved,
        "slabinfo": _slabinfo,
        "vmallocinfo": _vmallocinfo,
    }[name]()


# One by one and spelt out, since Ansible packs what it sees imported, and a host compiles what is really imported.
def _allocinfo():
    from . import allocinfo as module

    return module


def _bound():
    from . import bound as module

    return module


def _cgroup():
    from . import cgroup as module

    return module


def _counts():
    from . import counts as module

    return module


def _descriptors():
    from . import descriptors as module

    return module


def _numa():
    from . import numa as module

    return module


def _parts():
    from . import parts as module

    return module


def _processes():
    from . import processes as module

    return module


def _rare_parts():
    from . import rare_parts as module

    return module


def _saved():
    from . import saved as module

    return module


def _slabinfo():
    from . import slabinfo as module

    return module


def _vmallocinfo():
    from . import vmallocinfo as module

    return module
