# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An inventory of Ansible's own documentation for Sphinx, so that references to it are checked and become links without asking the network.

The labels are those that antsibull-docs writes; the modules are those of the collections that ours depends on, as they are installed.
"""

from __future__ import annotations

import pathlib
import zlib

GENERAL = {
    "ansible_configuration_settings": "reference_appendices/config.html#ansible-configuration-settings",
    "action_plugins": "plugins/action.html#action-plugins",
    "callback_plugins": "plugins/callback.html#callback-plugins",
    "common_return_values": "reference_appendices/common_return_values.html#common-return-values",
    "connection_plugins": "plugins/connection.html#connection-plugins",
    "filter_plugins": "plugins/filter.html#filter-plugins",
    "inventory_plugins": "plugins/inventory.html#inventory-plugins",
    "lookup_plugins": "plugins/lookup.html#lookup-plugins",
    "list_of_collections": "collections/index.html#list-of-collections",
}
"""Label → its place.  What a page names and this table does not have is a warning of Sphinx, and so an error."""
VARIABLES = ("ANSIBLE_CACHE_PLUGIN", "ANSIBLE_CACHE_PLUGIN_CONNECTION", "ANSIBLE_CACHE_PLUGIN_PREFIX", "ANSIBLE_CACHE_PLUGIN_TIMEOUT")
"""Variables of the environment that Ansible's own options name."""
HEAD = "# Sphinx inventory version 2\n# Project: Ansible\n# Version: latest\n# The remainder of this file is compressed using zlib.\n"


def labels(collections: pathlib.Path) -> dict[str, str]:
    """Label → place, of the modules below ``collections`` and of what `GENERAL` names."""
    found = dict(GENERAL)
    for path in (collections / "ansible_collections").glob("*/*/plugins/modules/*.*"):
        namespace, collection, name = path.parts[-5], path.parts[-4], path.stem
        label = f"ansible_collections.{namespace}.{collection}.{name}_module"
        found[label] = f"collections/{namespace}/{collection}/{name}_module.html#{label.replace('.', '-').replace('_', '-')}"
    return found


def inventory(places: dict[str, str]) -> bytes:
    """The file, as Sphinx reads it."""
    lines = "".join(f"{label} std:label -1 {place} {label}\n" for label, place in sorted(places.items()))
    lines += "".join(f"{name} std:envvar 1 reference_appendices/config.html#envvar-$ -\n" for name in VARIABLES)
    return HEAD.encode() + zlib.compress(lines.encode())
