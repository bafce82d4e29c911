#!/bin/sh
# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Run ansible-test sanity of the core in .venv/NAME on the collection as it is shipped: its tests and tools, which are for the newest
# Pythons only and have their own checks, are not in it. Usage: sanity.sh newest|oldest [every]
# Each Python of a controller imports every file, a minute of CPU each; without *every* only that of .venv/NAME does, and those of hosts
# alone compile and import what is sent to them. With it, as at night, each that the core knows and that is here.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
# ansible-test starts Python scripts that it puts into /tmp, where a file of any other program (attr.py, say) would be taken for a
# module. Root can give it a /tmp of its own, unless the checkout lies in there.
case "${OWN_TMP:-}$root/" in
yes*) mount -t tmpfs -o mode=1777 none /tmp ;;
/tmp/*) ;;
*)
    if [ "$(id -u)" = 0 ] && unshare --mount true 2>/dev/null; then
        export OWN_TMP=yes TMPDIR=/tmp
        exec unshare --mount --propagation private sh "$0" "$@"
    fi
    ;;
esac
name=$1
# A home for each core, so that two may run side by side.
export HOME="$root/.cache/home/sanity-$name"
cache="$HOME/.ansible/test/cache"
mkdir -p "$cache"
# ansible-test wants a bootstrap script for each pip that it pins; ours takes pip from the standard library instead of the network.
for version in 20_3_4 21_3_1 23_1_2 24_2 25_2 26_0; do
    cp "$root/tools/get_pip.py" "$cache/get_pip_$version.py"
done
# Real Pythons first: a version manager's stand-ins exist for versions that they don't start.
PATH="$root/.venv/$name/bin:$root/.cache/pythons:/usr/bin:/bin"
if [ "${2:-}" = every ]; then
    set -- ansible-test sanity --color no
else
    "$root/.venv/$name/bin/python" >"$HOME/pythons" <<'END'
import sys
from ansible_test._util.target.common.constants import REMOTE_ONLY_PYTHON_VERSIONS
print("%d.%d" % sys.version_info[:2], *REMOTE_ONLY_PYTHON_VERSIONS)
END
    set -- xargs --arg-file "$HOME/pythons" sh "$root/tools/sanity_by_day.sh"
fi
exec sh "$root/tools/staged.sh" sh "$root/tools/shipped.sh" "$@"
