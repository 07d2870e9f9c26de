#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_accepted_domain
short_description: Manage the mail domains an Exchange organization accepts
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Declares for which SMTP domains Exchange accepts mail, and what becomes of it.
options:
  name:
    description: Name of the accepted domain; usually the domain itself.
    type: str
    required: true
  domain_name:
    description:
      - The SMTP domain, for example V(contoso.com), or V(*.contoso.com) for its subdomains too.
      - Needed to create an accepted domain; it cannot be changed afterwards.
    type: str
  domain_type:
    description: What happens to mail for recipients that Exchange does not know.
    type: str
    choices: [authoritative, internal_relay, external_relay]
  default:
    description:
      - Whether the domain is the one of addresses that name none.
      - Only V(true) can be asked for; the present default domain ceases to be it when another one becomes it.
    type: bool
  address_book_enabled:
    description: Whether recipients of the domain are filtered by the address book on Edge Transport servers.
    type: bool
  match_sub_domains:
    description: Whether mail for subdomains is accepted too. Exchange Server 2016 and later.
    type: bool
  pending_completion:
    description: Whether the domain is still being set up. Exchange Server 2013 and later.
    type: bool
  pending_removal:
    description: Whether the domain is being removed, so that new recipients get no address in it.
    type: bool
extends_documentation_fragment:
  - m365.hybrid.exchange_anywhere
  - m365.hybrid.resource
  - m365.hybrid.writes
"""

EXAMPLES = r"""
- name: Relay mail for recipients that live in the other half of the hybrid
  m365.hybrid.exchange_accepted_domain:
    name: shared.example
    domain_name: shared.example
    domain_type: internal_relay

- name: A domain is no longer ours
  m365.hybrid.exchange_accepted_domain:
    name: shared.example
    state: absent
"""

RETURN = r"""
resource:
  description: The accepted domain as it is after the task, by option names, with O(ignore:guid) and O(ignore:distinguished_name); empty when it does not exist.
  returned: success
  type: dict
  sample:
    name: shared.example
    domain_name: shared.example
    domain_type: internal_relay
diff:
  description: What changed, or would change in check mode, in V(before) and V(after), by option names.
  returned: with --diff
  type: dict
  sample: {before: {}, after: {}}
warnings:
  description: What the server warned of.
  returned: when there are any
  type: list
  elements: str
calls:
  description: How often each cmdlet was called.
  returned: with -v
  type: dict
  sample: {Get-AcceptedDomain: 2, New-AcceptedDomain: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: Set-AcceptedDomain, target: exchange on ex01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Field
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.accepted_domain import AcceptedDomain
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import CmdletModule

MODULE = CmdletModule(
    DOCUMENTATION,
    noun="AcceptedDomain",
    create_with=("domain_name", "domain_type"),
    fields=(
        Field("domain_name", codec="name", immutable=True, instead="Add the domain under another name, and remove this one when nothing uses it"),
        Field("default", write="MakeDefault"),
    ),
    defaults={"default": False, "domain_type": "authoritative", "match_sub_domains": False, "pending_completion": False, "pending_removal": False},
    resource_type=AcceptedDomain,
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
