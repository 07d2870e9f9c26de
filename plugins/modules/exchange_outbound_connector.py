#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_outbound_connector
short_description: Manage outbound connectors of Exchange Online
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Declares which messages Exchange Online sends in a special way - to the organization's own servers, through a filtering service, to a partner.
  - >-
    Of a hybrid organization, the connector to its own servers keeps messages internal. The Hybrid Configuration wizard makes it, and sets it again when it
    is run again.
options:
  name:
    description: Name of the connector, up to 64 characters.
    type: str
    required: true
  connector_type:
    description: V(on_premises) leads to the organization's own servers, V(partner) to everybody else.
    type: str
    choices: [on_premises, partner]
  connector_source:
    description: What made the connector. The service says V(AdminUI) of those that the admin center made. Best left alone.
    type: str
    choices: [default, hybrid_wizard, migrated]
  enabled:
    description: Whether the connector is used.
    type: bool
  recipient_domains:
    description: >-
      Which recipients' messages take the connector, for example V(contoso.com), V(*.contoso.com) for all subdomains, or V(*); a list, or a dictionary
      with V(add), V(remove) or V(set). Not needed with O(is_transport_rule_scoped) or O(all_accepted_domains).
    type: raw
  all_accepted_domains:
    description: >-
      Whether messages to recipients in all accepted domains of the organization take the connector. Only with O(connector_type=on_premises).
    type: bool
  is_transport_rule_scoped:
    description: Whether only those messages take the connector that a rule for messages sends there.
    type: bool
  use_mx_record:
    description: Whether the recipient's domain is looked up in DNS. V(false) needs O(smart_hosts), V(true) forbids them.
    type: bool
  smart_hosts:
    description: >-
      The hosts that messages are handed to, on port 25 - names, IP addresses, ranges of them; a list, or a dictionary with V(add), V(remove) or V(set).
      Goes with O(use_mx_record=false).
    type: raw
  tls_settings:
    description: >-
      What is asked of the other side. V(none) encrypts when the other side can, V(encryption_only) always, V(certificate_validation) asks for a valid
      certificate as well, V(domain_validation) for one that is for O(tls_domain).
    type: str
    choices: [none, encryption_only, certificate_validation, domain_validation]
  tls_domain:
    description: >-
      The domain that the other side's certificate must be for, for example V(mail.contoso.com) or V(*.contoso.com); empty for none. Goes with
      O(tls_settings=domain_validation).
    type: str
  mta_sts_mode:
    description: Whether the policy that a recipient's domain publishes (MTA-STS) is looked at.
    type: str
    choices: [opportunistic, none]
  smtp_dane_mode:
    description: Whether the certificates that a recipient's domain publishes in DNS (DANE) are looked at, and whether there must be some.
    type: str
    choices: [opportunistic, mandatory, none]
  cloud_services_mail_enabled:
    description: Whether the headers that a hybrid organization needs are kept. Set by the Hybrid Configuration wizard.
    type: bool
  route_all_messages_via_on_premises:
    description: >-
      Whether all messages, those to the internet too, leave through the organization's own servers (centralized mail transport). Only with
      O(connector_type=on_premises).
    type: bool
  sender_rewriting_enabled:
    description: >-
      Whether the sender of forwarded messages is rewritten before they go to the organization's own servers. Only with O(connector_type=on_premises).
    type: bool
  test_mode:
    description: Whether the connector is in test mode.
    type: bool
  validation_recipients:
    description: >-
      Addresses to which the service sends when the connector is validated; a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  is_validated:
    description: Whether the connector counts as validated. The service sets it; here it spares connectors that were tested otherwise the reminder.
    type: bool
  last_validation_timestamp:
    description: When the connector was validated, for example V(2026-03-01T10:00:00Z).
    type: str
  comment:
    description: A comment.
    type: str
extends_documentation_fragment:
  - m365.hybrid.exchange_online
  - m365.hybrid.resource
  - m365.hybrid.writes
seealso:
  - module: m365.hybrid.exchange_inbound_connector
  - module: m365.hybrid.exchange_transport_rule
  - module: m365.hybrid.exchange_receive_connector
"""

EXAMPLES = r"""
- name: Messages for the organization's own servers
  m365.hybrid.exchange_outbound_connector:
    name: To our servers
    connector_type: on_premises
    recipient_domains: [contoso.com]
    use_mx_record: false
    smart_hosts: [mail.contoso.com]
    tls_settings: domain_validation
    tls_domain: mail.contoso.com
    cloud_services_mail_enabled: true

- name: A partner gets messages encrypted or not at all
  m365.hybrid.exchange_outbound_connector:
    name: Partner
    connector_type: partner
    recipient_domains: [partner.example, "*.partner.example"]
    tls_settings: certificate_validation

- name: For messages that a rule sends to the scanner
  m365.hybrid.exchange_outbound_connector:
    name: Scanner
    connector_type: partner
    is_transport_rule_scoped: true
    use_mx_record: false
    smart_hosts: [scan.partner.example]

- name: The connector is not needed any more
  m365.hybrid.exchange_outbound_connector:
    name: Scanner
    state: absent
"""

RETURN = r"""
resource:
  description:
    - The connector as it is after the task, by option names, with O(ignore:guid) and O(ignore:distinguished_name).
    - Empty when it does not exist.
  returned: success
  type: dict
  sample:
    name: To our servers
    connector_type: on_premises
    recipient_domains: [contoso.com]
    smart_hosts: [mail.contoso.com]
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
  sample: {Get-OutboundConnector: 2, Set-OutboundConnector: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: Set-OutboundConnector, target: exchange_online of contoso.onmicrosoft.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._exchange.cloud_connector import OUTBOUND_DEFAULTS, OUTBOUND_FIELDS, OutboundConnector
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import CmdletModule

MODULE = CmdletModule(
    DOCUMENTATION,
    noun="OutboundConnector",
    fields=OUTBOUND_FIELDS,
    create_with=(
        *("connector_type", "connector_source", "enabled", "recipient_domains", "all_accepted_domains", "is_transport_rule_scoped", "use_mx_record"),
        *("smart_hosts", "tls_settings", "tls_domain", "mta_sts_mode", "smtp_dane_mode", "cloud_services_mail_enabled", "test_mode", "comment"),
        *("route_all_messages_via_on_premises", "sender_rewriting_enabled"),
    ),
    defaults=OUTBOUND_DEFAULTS,
    resource_type=OutboundConnector,
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
