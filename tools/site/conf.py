# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of Sphinx for the site; tools/site.py puts the version in."""

project = "fleetaudit.kernel_memory"
copyright = "The fleetaudit.kernel_memory authors"
version = release = "VERSION"
extensions = ["myst_parser", "sphinx_antsibull_ext"]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
myst_heading_anchors = 4
myst_enable_extensions = ["attrs_inline"]
html_theme = "furo"
html_title = f"{project} {version}"
html_show_sphinx = False
exclude_patterns = ["examples"]
root_doc = "contents"
