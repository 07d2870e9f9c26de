# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connection plugin powershell: PowerShell remoting to Exchange, Skype for Business and Windows."""

from __future__ import annotations

DOCUMENTATION = r"""
name: powershell
short_description: PowerShell remoting (PSRP) to Exchange, Skype for Business and Windows
description:
  - Runs the modules of this collection against one remote PowerShell session. The session is opened once for each server and identity
    in a playbook run, shared by all plays, tasks, forks and delegations, and closed when ansible-playbook ends.
  - No script text is ever sent, only cmdlets with typed parameters; so Exchange's no-language endpoint accepts it.
  - Runs only modules of this collection, C(ansible.builtin.ping) (which then proves that the server answers) and what core needs for
    C(async). Every other module would run on the control node and is refused.
  - Privilege escalation, C(environment) and C(ansible_python_interpreter) have no meaning here and are ignored.
author: The m365.hybrid authors (@m365-hybrid)
version_added: 1.0.0
requirements:
  - pypsrp >= 0.9.1, < 1 on the control node; for Kerberos C(pip install "pypsrp[kerberos]"), which needs the MIT Kerberos libraries
notes:
  - The session is held by a helper process that needs Linux on the control node; it ends within seconds after ansible-playbook, however that ends.
    Tasks with C(poll=0) therefore end with the playbook, too.
  - A login with a password that the server refused is not tried again in the same playbook run, so that no account is locked by a loop over many hosts.
    A corrected password is another login; C(reset_connection) of C(ansible.builtin.meta) has the same one tried again.
  - For Kerberos, E(KRB5CCNAME) and E(KRB5_CONFIG) in the environment of ansible-playbook count; a task's C(environment) does not.
  - C(gather_facts) must be V(false) for plays on such hosts.
extends_documentation_fragment:
  - m365.hybrid.powershell
"""

from ansible_collections.m365.hybrid.plugins.plugin_utils import options
from ansible_collections.m365.hybrid.plugins.plugin_utils.connection import SessionConnection


class Connection(SessionConnection):
    transport = "m365.hybrid.powershell"
    wire = "powershell"
    option_set = options.POWERSHELL
