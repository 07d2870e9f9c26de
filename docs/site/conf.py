# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings of Sphinx for the documentation site; ``tools/docs`` copies this file beside the pages."""

from __future__ import annotations

project = "m365.hybrid"
author = "The m365.hybrid authors"
copyright = "the m365.hybrid authors"
html_title = "m365.hybrid"
html_short_title = "m365.hybrid"

extensions = ["myst_parser", "sphinx.ext.intersphinx", "sphinx_antsibull_ext"]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
nitpicky = True
smartquotes = False  # what stands in a text is meant to be copied

myst_heading_anchors = 4  # as GitHub makes them
myst_enable_extensions = ["deflist"]

html_theme = "sphinx_ansible_theme"
html_theme_options = {"navigation_depth": 2, "titles_only": True, "collapse_navigation": True, "topbar_links": {}}
html_show_sphinx = False
html_show_sourcelink = False
html_copy_source = False
html_use_index = False
html_domain_indices = False
pygments_style = "ansible"
highlight_language = "yaml"

# Written by tools/docs/inventory.py: which labels of Ansible's own documentation exist, without asking the network.
intersphinx_mapping = {"ansible": ("https://docs.ansible.com/projects/ansible/latest/", "ansible.inv")}
