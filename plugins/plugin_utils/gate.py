# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What may run on one of our connections: our modules, ping, and Ansible's bookkeeping for asynchronous tasks.

Such a connection has no remote machine to run a module on: `command`, `copy` or `setup` would silently act on the control node.
A connection plugin is not told which module it serves, but it is handed what to run.  A Python module arrives as an "AnsiballZ"
program that names itself, over standard input or as a file; around it, core sends a handful of commands of its own to make and
remove a temporary directory.  Everything else is refused, `raw`'s text and PowerShell modules among it.
(Looked up in ansible-core 2.16 to 2.21: executor/module_common.py, plugins/action/__init__.py, plugins/shell/__init__.py.)
"""

from __future__ import annotations

import re
import shlex
import typing as t

OWN = "ansible_collections.m365.hybrid.plugins.modules."
PING = frozenset(("ansible.modules.ping", "ansible.legacy.ping"))
_BOOKKEEPING_MODULES = frozenset(
    ("ansible.modules.async_status", "ansible.modules.async_wrapper", "ansible.legacy.async_status", "ansible.legacy.async_wrapper")
)
# ansible-core 2.19 and later call _ansiballz_main(module_fqn='...'); earlier ones have runpy.run_module(mod_name='...').
_NAME = re.compile(rb"^module_fqn=['\"]([\w.]+)['\"],$|runpy\.run_module\(mod_name=['\"]([\w.]+)['\"]", re.M)

_TEMPORARY = r"ansible-tmp-[\d.]+-\d+-\d+"
_DIRECTORY = r"[^\s`\"';&|$()<>]+"
_COMMANDS = (
    rf"\( umask 77 && mkdir -p \"` echo {_DIRECTORY} `\"&& mkdir \"` echo {_DIRECTORY}/{_TEMPORARY} `\""
    rf" && echo {_TEMPORARY}=\"` echo {_DIRECTORY}/{_TEMPORARY} `\" \)",
    rf"rm -f -r '?{_DIRECTORY}/{_TEMPORARY}/?'? > /dev/null 2>&1",
    rf"chmod u\+r?w?x( '?{_DIRECTORY}/{_TEMPORARY}[\w./-]*'?)+",
    r"echo ~[\w.-]*",
    r"echo \"`pwd`\"",
)
_OWN_COMMANDS = re.compile("|".join(f"(?:{command})" for command in _COMMANDS))
_ARGUMENT = re.compile(r"[\w./~-]+\Z")
_VARIABLE = re.compile(r"[A-Za-z_]\w*=")


def module_of(program: bytes) -> str | None:
    """The full name of the module in an AnsiballZ program, or None for anything else."""
    if b"_ANSIBALLZ_WRAPPER" not in program and b"_ansiballz_main" not in program:
        return None
    match = _NAME.search(program)
    return (match.group(1) or match.group(2)).decode() if match else None


def may_run(module: str | None) -> bool:
    """Whether a module of that name may run on the control node on behalf of one of our hosts."""
    return module is not None and (module.startswith(OWN) or module in PING or module in _BOOKKEEPING_MODULES)


def is_bookkeeping(command: str, files: t.Collection[str]) -> bool:
    """Whether a command without a program on its standard input is one of core's own, or starts one of ``files``, which were let through."""
    try:
        words = shlex.split(command)
        if len(words) == 3 and words[1] == "-c":
            command = words[2]
        command = command.strip().removesuffix("&& sleep 0").strip()
        if _OWN_COMMANDS.fullmatch(command):
            return True
        words = shlex.split(command)
    except ValueError:
        return False  # unbalanced quotes are nobody's bookkeeping
    while words and _VARIABLE.match(words[0]):
        del words[0]
    return len(words) >= 2 and words[1] in files and all(word in files or _ARGUMENT.match(word) for word in words)


def temporary(path: str) -> bool:
    """Whether a file is in a directory that core made for one task."""
    return re.search(rf"/{_TEMPORARY}/[\w.]+\Z", path) is not None


def refusal(connection: str, what: str) -> str:
    """The sentence for whom it concerns."""
    name = what.removeprefix("ansible.builtin.").removeprefix("ansible.legacy.").removeprefix("ansible.modules.")
    if name in ("setup", "gather_facts"):
        advice = "set gather_facts: false for this play"
    else:
        advice = "use delegate_to: localhost, or a host entry with winrm, psrp or ssh for it"
    return f"{connection} runs only m365.hybrid modules and ansible.builtin.ping; `{name}` would have run on the control node - {advice}."
