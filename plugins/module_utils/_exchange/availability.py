# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which versions of Exchange have a parameter, for errors that say so."""

from __future__ import annotations

import re

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import BadParameter, CommandMissing, HybridError
from ansible_collections.m365.hybrid.plugins.module_utils._exchange._availability import PARAMETERS

_FOLDED = {cmdlet: {values.fold(name): (name, versions) for name, versions in table.items()} for cmdlet, table in PARAMETERS.items()}


def sentence(cmdlet: str, parameter: str) -> str:
    """Where the parameter exists, as a sentence; an empty text when it exists everywhere."""
    known = _FOLDED.get(cmdlet, {}).get(values.fold(parameter))
    return f"{cmdlet} -{known[0]} exists on Exchange {', '.join(known[1].split())} only" if known else ""


def explain(error: HybridError, call: engine.Call) -> HybridError:
    """A refused parameter's error, with the versions that have it."""
    if isinstance(error, (BadParameter, CommandMissing)):
        words = {values.fold(word) for word in re.findall(r"\w+", error.text)}
        named = [sentence(call.cmdlet, name) for name in call.parameters if values.fold(name) in words]
        error.advice = ". ".join(one for one in named if one) or error.advice
    return error
