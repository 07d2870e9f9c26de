# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ansible-core hands to a filter, in Python's own types.

The containers of ansible-core 2.19 and later template what is taken out of them, each time, and cannot be made anew; the texts of those before carry marks
that YAML cannot write.  What a filter returns has to be marked again (``wrap_var``): names and texts of a service are no templates.
"""

from __future__ import annotations

import typing as t


def native(value: t.Any) -> t.Any:
    """The same in dictionaries, lists and texts of Python."""
    if isinstance(value, t.Mapping):
        return {native(key): native(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [native(one) for one in value]
    return str.__str__(value) if isinstance(value, str) else value
