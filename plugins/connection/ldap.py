# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connection plugin ldap: Active Directory over LDAP."""

from __future__ import annotations

DOCUMENTATION = r"""
name: ldap
short_description: Active Directory over LDAP
description:
  - Runs the Active Directory modules of this collection against a domain controller, from Linux, over LDAPS or StartTLS.
  - The connections are opened once for each identity in a playbook run, shared by all plays, tasks, forks and delegations, and closed when
    ansible-playbook ends. All of them go to one domain controller, so that what one task wrote the next one reads.
  - Certificate and name of the server are always verified. A password is never sent in clear text, and one is set over an encrypted connection only.
  - Referrals are not followed. What another domain has is read through the global catalogue, or through a host of that domain.
  - When a connection is lost, reads are asked once more, if need be of the next domain controller. A change whose fate is not known
    is reported, and not sent again.
  - Runs only modules of this collection, C(ansible.builtin.ping) (which then proves that the server answers) and what core needs for
    C(async). Every other module would run on the control node and is refused.
  - Privilege escalation, C(environment) and C(ansible_python_interpreter) have no meaning here and are ignored.
author: The m365.hybrid authors (@m365-hybrid)
version_added: 1.0.0
requirements:
  - ldap3 >= 2.9.1 on the control node; for Kerberos also gssapi, which needs the MIT Kerberos libraries
notes:
  - The connections are held by a helper process that needs Linux on the control node; it ends within seconds after ansible-playbook, however that ends.
  - A login with a password that the server refused is not tried again in the same playbook run, nor at another domain controller, so that no account is locked.
    A corrected password is another login; C(reset_connection) of C(ansible.builtin.meta) has the same one tried again.
  - For Kerberos, E(KRB5CCNAME) and E(KRB5_CONFIG) in the environment of ansible-playbook count; a task's C(environment) does not.
  - C(gather_facts) must be V(false) for plays on such hosts.
extends_documentation_fragment:
  - m365.hybrid.ldap
"""

from ansible_collections.m365.hybrid.plugins.plugin_utils import ldap_options
from ansible_collections.m365.hybrid.plugins.plugin_utils.connection import SessionConnection


class Connection(SessionConnection):
    transport = "m365.hybrid.ldap"
    wire = "ldap"
    option_set = ldap_options.LDAP
