# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Option docs shared by many modules: the doc fragments show them, the modules obey them."""

from __future__ import annotations


class Exchange:
    """How to work with an Exchange organization."""

    DOCUMENTATION = r"""
options:
  domain_controller:
    description:
      - Fully qualified name of the domain controller to read from and to write to.
      - It must hold the domain of the objects; one that does not will not find them.
      - Name one when the next task needs at once what this one wrote, and replication between domain controllers takes its time.
    type: str
attributes:
  platform:
    description: What the module manages.
    support: full
    platforms: Exchange Server 2013, 2016, 2019 and Subscription Edition, over endpoint C(exchange) of connection P(m365.hybrid.powershell#connection)
  action_group:
    description: Use C(group/m365.hybrid.exchange) in C(module_defaults) to set options of all modules of the group.
    support: full
    membership: [m365.hybrid.exchange, m365.hybrid.all]
"""


class ExchangeAnywhere:
    """How to work with an Exchange organization, on-premises or in the cloud."""

    DOCUMENTATION = r"""
options:
  domain_controller:
    description:
      - Fully qualified name of the domain controller to read from and to write to. Exchange Server only; refused with Exchange Online.
      - It must hold the domain of the objects; one that does not will not find them.
      - Name one when the next task needs at once what this one wrote, and replication between domain controllers takes its time.
    type: str
attributes:
  platform:
    description: What the module manages.
    support: full
    platforms: >-
      Exchange Server 2013, 2016, 2019 and Subscription Edition, over endpoint C(exchange) of connection P(m365.hybrid.powershell#connection);
      Exchange Online, over connection P(m365.hybrid.exchange_online#connection)
    details: Options that only one of them has are refused by name on the other, before anything is written.
  action_group:
    description: Use C(group/m365.hybrid.exchange) in C(module_defaults) to set options of all modules of the group.
    support: full
    membership: [m365.hybrid.exchange, m365.hybrid.all]
"""


class Resource:
    """A thing that exists or not."""

    DOCUMENTATION = r"""
options:
  state:
    description: Whether the object shall exist.
    type: str
    choices: [present, absent]
    default: present
"""


class Writes:
    """What every module that changes something supports."""

    DOCUMENTATION = r"""
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    support: full
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: full
  idempotent:
    description: When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
    support: full
"""


class Reads:
    """What every module that only reads supports."""

    DOCUMENTATION = r"""
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    support: full
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: N/A
    details: The module changes nothing.
  idempotent:
    description: When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
    support: full
"""


class Free:
    """An escape hatch: what the call does is the user's affair."""

    DOCUMENTATION = r"""
options: {}
attributes:
  platform:
    description: What the module manages.
    support: full
    platforms: >-
      Exchange Server, Skype for Business Server and Windows hosts, over connection P(m365.hybrid.powershell#connection);
      Exchange Online, over connection P(m365.hybrid.exchange_online#connection)
  action_group:
    description: Use C(group/m365.hybrid.all) in C(module_defaults) to set options of all modules of the group.
    support: full
    membership: [m365.hybrid.all]
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    support: partial
    details: Only what reads is run; anything else is reported as a change.
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: none
    details: What a call changes is not known.
  idempotent:
    description: When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
    support: none
    details: The call is made whenever the task runs.
"""


class Many:
    """Work on all objects of a resource module."""

    DOCUMENTATION = r"""
options: {}
attributes:
  platform:
    description: What the module manages.
    support: full
    platforms: what the named resource module manages
  action_group:
    description: Use C(group/m365.hybrid.all) in C(module_defaults) to set options of all modules of the group.
    support: full
    membership: [m365.hybrid.all]
  async:
    description: Supports being used with the C(async) keyword.
    support: none
    details: The module needs the resource module beside it, which is there only where ansible-playbook runs. C(async) is refused before anything is sent.
"""


BY_NAME = {
    "m365.hybrid.exchange_anywhere": ExchangeAnywhere.DOCUMENTATION,
    "m365.hybrid.many": Many.DOCUMENTATION,
    "m365.hybrid.free": Free.DOCUMENTATION,
    "m365.hybrid.exchange": Exchange.DOCUMENTATION,
    "m365.hybrid.resource": Resource.DOCUMENTATION,
    "m365.hybrid.writes": Writes.DOCUMENTATION,
    "m365.hybrid.reads": Reads.DOCUMENTATION,
}
