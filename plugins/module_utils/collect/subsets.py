# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of a host beyond its counters: the words of gather_subset, resolved."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

NAMES = ("allocinfo", "cgroups", "descriptors", "limits", "numa", "objects", "pressure", "processes", "slab", "vmalloc")
# "needed": only where the host has so much of it that someone will ask whose it is.
DEFAULT = {
    "cgroups": "always",
    "numa": "always",
    "objects": "always",
    "pressure": "always",
    "processes": "needed",
    "slab": "needed",
}
GROUPS = {"all": dict.fromkeys(NAMES, "always"), "default": DEFAULT, "min": {}}


def is_saved(proc_root, sys_root):
    """Whether the roots are those of a saved copy, by the rule of the reader."""
    return (proc_root.rstrip("/") or "/", sys_root.rstrip("/") or "/") != ("/proc", "/sys")


def resolve_subsets(asked, saved=False):
    """Return what is wanted, as a dict of subset name to ``always`` or ``needed``.

    Parameters: asked, a list of subset names and of ``all``, ``default`` and ``min``, each also with ``!`` before it to
    leave it out; a list without any name that adds something starts from ``default``. A subset named by itself is
    always gathered. saved, whether a saved copy is read: there what may be needed is read in any case, and so is
    vmallocinfo, since it costs no running kernel anything. Raises :class:`ValueError` with the nearest right name.
    """
    added, left_out = [], []
    for entry in asked:
        name = str(entry).strip()
        (left_out if name.startswith("!") else added).append(_known(name.lstrip("!"), entry))
    if not added and not {"all", "default"} & set(left_out):
        added = ["default"]
    wanted = {}
    for name in [name for name in added if name in GROUPS]:
        if name not in left_out:
            wanted = dict(wanted, **GROUPS[name])
    if "all" in added and "all" not in left_out:
        wanted = dict(GROUPS["all"])
    for name in added:
        if name not in GROUPS:
            wanted[name] = "always"
    if saved and "needed" in wanted.values():
        wanted = dict.fromkeys(list(wanted) + ["vmalloc"], "always")
    return {name: wanted[name] for name in wanted if name not in left_out}


def _known(name, entry):
    if name in NAMES or name in GROUPS:
        return name
    # Imported here, since it is slow to import and a right list never needs it.
    from difflib import get_close_matches

    choices = sorted(GROUPS) + list(NAMES)
    near = get_close_matches(name.lower(), choices, 1, 0.5)
    hint = (
        "did you mean %s%s?" % ("!" if str(entry).strip().startswith("!") else "", near[0])
        if near
        else "it is none of the subsets."
    )
    raise ValueError(
        "gather_subset has %r; %s The names are %s, each also with ! before it to leave it out."
        % (str(entry), hint, ", ".join(choices))
    )
