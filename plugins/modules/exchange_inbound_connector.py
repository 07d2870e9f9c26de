#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_inbound_connector
short_description: Manage inbound connectors of Exchange Online
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Declares from which senders Exchange Online takes messages in a special way - the organization's own servers, a filtering service, a partner.
  - >-
    Of a hybrid organization, the connector from its own servers lets their messages count as internal. The Hybrid Configuration wizard makes it, and
    sets it again when it is run again.
  - A subscription for developers cannot have new inbound connectors.
options:
  name:
    description: Name of the connector.
    type: str
    required: true
  connector_type:
    description: >-
      V(on_premises) for the organization's own servers, whose messages may be relayed to the internet and count as internal; V(partner) for everybody
      else.
    type: str
    choices: [on_premises, partner]
  connector_source:
    description: What made the connector. The service says V(AdminUI) of those that the admin center made. Best left alone.
    type: str
    choices: [default, hybrid_wizard, migrated]
  enabled:
    description: Whether the connector is used.
    type: bool
  sender_domains:
    description: >-
      The domains whose messages take the connector, for example V(contoso.com), V(*.contoso.com) with all subdomains, or V(*); a list, or a dictionary
      with V(add), V(remove) or V(set). Needed to create a connector.
    type: raw
  sender_ip_addresses:
    description: >-
      The IPv4 addresses that messages come from, single ones or ranges of V(/24) to V(/32); a list, or a dictionary with V(add), V(remove) or V(set).
      IPv6 is not supported. A connector of type V(on_premises) needs these or O(tls_sender_certificate_name).
    type: raw
  tls_sender_certificate_name:
    description: >-
      The domain that the sending server's certificate must be for, for example V(mail.contoso.com) or V(*.contoso.com), or its issuer and subject as
      V(<I>issuer<S>subject); empty for none.
    type: str
  require_tls:
    description: Whether messages that are not encrypted in transport are rejected. For connectors of type V(partner).
    type: bool
  restrict_domains_to_ip_addresses:
    description: >-
      Whether messages from O(sender_domains) are rejected when they do not come from O(sender_ip_addresses). For connectors of type V(partner).
    type: bool
  restrict_domains_to_certificate:
    description: >-
      Whether messages from O(sender_domains) are rejected when the sending server does not show the certificate of O(tls_sender_certificate_name). For
      connectors of type V(partner).
    type: bool
  associated_accepted_domains:
    description: The accepted domains that the connector is for; empty for all; a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  cloud_services_mail_enabled:
    description: Whether the headers that a hybrid organization needs are kept. Set by the Hybrid Configuration wizard.
    type: bool
  treat_messages_as_internal:
    description: >-
      Whether messages of senders in accepted domains count as internal, and so pass the spam filter. For servers other than Exchange only - with
      Exchange, O(cloud_services_mail_enabled) does that. Not with other types than V(on_premises).
    type: bool
  trusted_organizations:
    description: Other organizations of Microsoft 365 that are trusted; a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  ef_skip_last_ip:
    description: >-
      Enhanced filtering - whether the last address that a message came through is passed over, so that the one before it is judged. With V(false) it is
      O(ef_skip_ips) that are passed over.
    type: bool
  ef_skip_ips:
    description: >-
      Enhanced filtering - addresses and ranges that are passed over, for example V(192.0.2.7), V(192.0.2.0/24) or V(192.0.2.1-192.0.2.9); empty for none;
      a list, or a dictionary with V(add), V(remove) or V(set). Used with O(ef_skip_last_ip=false); without any, enhanced filtering is off.
    type: raw
  ef_users:
    description: Enhanced filtering - addresses of the recipients it is for; empty for all; a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  comment:
    description: A comment.
    type: str
extends_documentation_fragment:
  - m365.hybrid.exchange_online
  - m365.hybrid.resource
  - m365.hybrid.writes
seealso:
  - module: m365.hybrid.exchange_outbound_connector
  - module: m365.hybrid.exchange_send_connector
  - name: Enhanced filtering for connectors
    description: What it is for, and where it must not be used.
    link: https://learn.microsoft.com/exchange/mail-flow-best-practices/use-connectors-to-configure-mail-flow/enhanced-filtering-for-connectors
"""

EXAMPLES = r"""
- name: Messages of the organization's own servers
  m365.hybrid.exchange_inbound_connector:
    name: From our servers
    connector_type: on_premises
    sender_domains: ["*"]
    tls_sender_certificate_name: mail.contoso.com
    require_tls: true
    cloud_services_mail_enabled: true

- name: Everything comes through the filtering service, and nothing past it
  m365.hybrid.exchange_inbound_connector:
    name: Through the filter
    connector_type: partner
    sender_domains: ["*"]
    sender_ip_addresses: [192.0.2.0/24, 198.51.100.0/25]
    restrict_domains_to_ip_addresses: true
    require_tls: true
    ef_skip_last_ip: true

- name: The filtering service has one more address
  m365.hybrid.exchange_inbound_connector:
    name: Through the filter
    sender_ip_addresses:
      add: [203.0.113.7]

- name: The connector is not needed any more
  m365.hybrid.exchange_inbound_connector:
    name: Through the filter
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
    name: From our servers
    connector_type: on_premises
    sender_domains: ["*"]
    tls_sender_certificate_name: mail.contoso.com
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
  sample: {Get-InboundConnector: 2, Set-InboundConnector: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: Set-InboundConnector, target: exchange_online of contoso.onmicrosoft.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._exchange.cloud_connector import INBOUND_DEFAULTS, INBOUND_FIELDS, InboundConnector
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import CmdletModule

MODULE = CmdletModule(
    DOCUMENTATION,
    noun="InboundConnector",
    fields=INBOUND_FIELDS,
    create_with=(
        *("connector_type", "connector_source", "enabled", "sender_domains", "sender_ip_addresses", "tls_sender_certificate_name", "require_tls"),
        *("restrict_domains_to_ip_addresses", "restrict_domains_to_certificate", "associated_accepted_domains", "cloud_services_mail_enabled"),
        *("treat_messages_as_internal", "trusted_organizations", "ef_skip_last_ip", "ef_skip_ips", "ef_users", "comment"),
    ),
    defaults=INBOUND_DEFAULTS,
    resource_type=InboundConnector,
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
