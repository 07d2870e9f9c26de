# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters that the role adfs_certificate works with; the files beside this one document them."""

from __future__ import annotations

import base64
import binascii
import typing as t

from ansible.errors import AnsibleFilterError
from ansible.utils.unsafe_proxy import wrap_var

from ansible_collections.m365.hybrid.plugins.module_utils._adfs import certificates, farm, renewal
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError
from ansible_collections.m365.hybrid.plugins.plugin_utils import pfx_files
from ansible_collections.m365.hybrid.plugins.plugin_utils.native import native


def plan(reading: t.Mapping[str, t.Any], wishes: t.Mapping[str, t.Any] | None = None) -> dict[str, t.Any]:
    """The plan for what was read.  Texts of servers are marked as no templates."""
    try:
        return t.cast(dict[str, t.Any], wrap_var(renewal.make(native(reading), native(wishes or {}), farm.now())))
    except (HybridError, KeyError, ValueError) as error:
        raise AnsibleFilterError(f"m365.hybrid.adfs_certificate_plan: {type(error).__name__}: {error}") from error


def facts(content: str, password: str = "") -> dict[str, t.Any]:
    """What is in a PFX file.  Neither the result nor an error holds anything of the key or the password."""
    try:
        found = pfx_files.read(base64.b64decode(str(content), validate=True), str(password))
        shown = certificates.parse(found.certificate).shown(farm.now())
    except binascii.Error:
        return {"problem": "its content is not given as base64"}
    except (HybridError, ValueError) as error:
        return {"problem": str(error)}
    return t.cast(dict[str, t.Any], wrap_var(shown | {"has_key": found.has_key, "chain": found.chain, "problem": ""}))


class FilterModule:
    """The filters for ansible-core."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"adfs_certificate_plan": plan, "pfx_facts": facts}
