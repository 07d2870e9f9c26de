# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Templates of roles in this process, on every supported ansible-core."""

from __future__ import annotations

import inspect
import pathlib
import typing as t

import ansible.template
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible.utils.unsafe_proxy import wrap_var


def trusted(text: str) -> str:
    """A text as a template: since 2.19 ansible-core renders only what is marked as coming from a playbook."""
    mark = getattr(ansible.template, "trust_as_template", None)
    return t.cast(str, mark(text)) if mark else text


def data(value: t.Any) -> t.Any:
    """A value whose texts are no templates, whatever they look like: before 2.19 ansible-core renders what is not marked."""
    return value if hasattr(ansible.template, "trust_as_template") else wrap_var(value)


def templar(**variables: t.Any) -> Templar:
    return Templar(loader=DataLoader(), variables=variables)


def variables_of(path: pathlib.Path) -> dict[str, t.Any]:
    """The variables in a file of a role, whose texts are templates."""
    load = DataLoader().load_from_file
    more = {"trusted_as_template": True} if "trusted_as_template" in inspect.signature(load).parameters else {}
    return dict(load(str(path), **more))
