# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A session straight on the wire to a directory, without the broker between them."""

from __future__ import annotations

import contextlib
import typing as t

from ansible_collections.m365.hybrid.plugins.plugin_utils._wires import ldap
from tests.fake_directory import DirectoryOnWire, options


@contextlib.contextmanager
def connected(**given: t.Any) -> t.Iterator[DirectoryOnWire]:
    """With these options of the connection."""
    wire = t.cast(ldap.Directory, ldap.open_wire(options(**given)))
    try:
        wire.open()
        yield DirectoryOnWire(wire)
    finally:
        wire.close()
