#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_receive_connector
short_description: Manage receive connectors of Exchange servers
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Declares a receive connector - where it listens, to whom, with which authentication and limits.
  - >-
    Connectors of one server must be told apart. Those of one transport role that share an address and port need ranges of which one lies within the
    other; those of different roles cannot share a port.
  - >-
    Permissions that were added in Active Directory, for example the right to relay, are not part of the connector's options; they are lost when a
    connector is removed. M(m365.hybrid.exchange_ad_permission) gives them.
options:
  name:
    description: Name of the connector.
    type: str
    required: true
  server:
    description: >-
      The server that the connector belongs to. Needed where several servers have a connector of this name; without it a new one belongs to the server
      that the session is on.
    type: str
  usage:
    description: What a new connector starts as, with the authentication and groups for it; V(custom) unless this says otherwise. Used at creation only.
    type: str
    choices: [client, custom, internal, internet, partner]
  bindings:
    description: >-
      Where the connector listens, for example V(0.0.0.0:25) and V([::]:25); a list, or a dictionary with V(add), V(remove) or V(set). Needed to
      create a connector, except for some of O(usage).
    type: raw
  remote_ip_ranges:
    description: >-
      Whose connections the connector takes - addresses, networks (V(10.0.0.0/8)) and ranges (V(10.0.0.1-10.0.0.9)); a list, or a dictionary with
      V(add), V(remove) or V(set). Where connectors share a port, the smallest range that holds the sender's address decides. Needed to create a
      connector, except for some of O(usage).
    type: raw
  transport_role:
    description: >-
      Which transport service the connector belongs to. Two services cannot share a port, so on a server with both a connector on port 25 is one of
      V(frontend_transport); Exchange itself chooses V(hub_transport). Exchange Server 2013 and later.
    type: str
    choices: [frontend_transport, hub_transport]
  enabled:
    description: Whether the connector takes connections.
    type: bool
  auth_mechanism:
    description: >-
      Authentication that the connector offers, out of V(tls), V(integrated), V(basic_auth), V(basic_auth_require_tls), V(exchange_server) and
      V(external_authoritative); a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  permission_groups:
    description: >-
      Who may submit messages, out of V(anonymous_users), V(exchange_users), V(exchange_servers), V(exchange_legacy_servers) and V(partners); a list,
      or a dictionary with V(add), V(remove) or V(set). V(custom) is shown where permissions were changed in Active Directory, for example for a relay.
      It cannot be set and need not be named; see M(m365.hybrid.exchange_ad_permission).
    type: raw
  require_tls:
    description: Whether only encrypted sessions are served.
    type: bool
  fqdn:
    description: >-
      The name in the banner and in the certificate; empty for the server's own. With V(exchange_server) among O(auth_mechanism) it must be the
      server's.
    type: str
  tls_certificate_name:
    description: The certificate, as V(<I>issuer<S>subject); empty for the one that fits O(fqdn). Exchange Server 2013 and later.
    type: str
  tls_domain_capabilities:
    description: >-
      What is granted to domains with their certificate, for example V(mail.protection.outlook.com:AcceptCloudServicesMail) in a hybrid organization;
      a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  domain_secure_enabled:
    description: Whether mutual TLS is offered for domains of the secure domain list.
    type: bool
  suppress_x_anonymous_tls:
    description: Whether servers of the organization talk without encryption, for example through a WAN optimizer.
    type: bool
  enable_auth_gssapi:
    description: Whether Integrated Windows authentication offers GSSAPI.
    type: bool
  extended_protection_policy:
    description: Whether Integrated Windows authentication uses extended protection.
    type: str
    choices: [none, allow, require]
  advertise_client_settings:
    description: Whether the connector's settings are shown to users of Outlook on the web.
    type: bool
  service_discovery_fqdn:
    description: The name under which clients find the connector; empty for none. Exchange Server 2013 and later.
    type: str
  default_domain:
    description: The accepted domain of users who sign in with a name only; empty for none.
    type: str
  banner:
    description: The greeting; it begins with V(220). Empty for Exchange's own.
    type: str
  comment:
    description: A comment.
    type: str
  max_message_size:
    description: The largest message, for example V(36MB). There always is a limit.
    type: str
  max_header_size:
    description: The largest message header, for example V(256KB).
    type: str
  max_recipients_per_message:
    description: How many recipients one message may have.
    type: int
  max_hop_count:
    description: After how many servers a message is taken to be in a loop.
    type: int
  max_local_hop_count:
    description: After how many passes through this server a message is taken to be in a loop.
    type: int
  max_inbound_connection:
    description: How many connections the connector takes at a time, or V(unlimited).
    type: str
  max_inbound_connection_per_source:
    description: How many connections it takes from one address, or V(unlimited).
    type: str
  max_inbound_connection_percentage_per_source:
    description: Which share of the connections left one address may take.
    type: int
  max_logon_failures:
    description: After how many failed sign-ins a connection is closed.
    type: int
  max_protocol_errors:
    description: After how many errors a connection is closed, or V(unlimited).
    type: str
  max_acknowledgement_delay:
    description: How long the acknowledgement waits for the message's delivery, for shadow redundancy, for example V(00:00:30).
    type: str
  message_rate_limit:
    description: How many messages a minute one source may send, or V(unlimited).
    type: str
  message_rate_source:
    description: What a source is for O(message_rate_limit).
    type: str
    choices: [none, ip_address, user, all]
  connection_timeout:
    description: How long a connection may last, for example V(00:10:00). Longer than O(connection_inactivity_timeout).
    type: str
  connection_inactivity_timeout:
    description: How long a connection may be idle, for example V(00:05:00).
    type: str
  tarpit_interval:
    description: How long answers to strangers' mistakes are delayed, for example V(00:00:05).
    type: str
  auth_tarpit_interval:
    description: How long answers to failed sign-ins are delayed, for example V(00:00:05). Exchange Server 2016 and later.
    type: str
  protocol_logging_level:
    description: Whether the protocol log has this connector's sessions.
    type: str
    choices: [none, verbose]
  bare_linefeed_rejection_enabled:
    description: Whether messages with line feeds alone are refused.
    type: bool
  binary_mime_enabled:
    description: Whether BINARYMIME is offered.
    type: bool
  chunking_enabled:
    description: Whether CHUNKING is offered.
    type: bool
  delivery_status_notification_enabled:
    description: Whether DSN is offered.
    type: bool
  eight_bit_mime_enabled:
    description: Whether 8BITMIME is offered.
    type: bool
  enhanced_status_codes_enabled:
    description: Whether ENHANCEDSTATUSCODES is offered.
    type: bool
  long_addresses_enabled:
    description: Whether addresses may be longer than SMTP allows, for X.400.
    type: bool
  orar_enabled:
    description: Whether an originator's request for an alternate recipient is obeyed.
    type: bool
  pipelining_enabled:
    description: Whether PIPELINING is offered.
    type: bool
  require_ehlo_domain:
    description: Whether a client must say its name.
    type: bool
  size_enabled:
    description: Whether SIZE is offered, and with the limit.
    type: str
    choices: [enabled, disabled, enabled_without_value]
  smtp_utf8_enabled:
    description: Whether SMTPUTF8 is offered. Exchange Server 2013 and later.
    type: bool
  reject_reserved_second_level_recipient_domains:
    description: Whether recipients in V(example.com) and its like are refused. Exchange Server 2016 and later.
    type: bool
  reject_reserved_top_level_recipient_domains:
    description: Whether recipients in V(.test), V(.invalid) and their like are refused. Exchange Server 2016 and later.
    type: bool
  reject_single_label_recipient_domains:
    description: Whether recipients in domains without a dot are refused. Exchange Server 2016 and later.
    type: bool
extends_documentation_fragment:
  - m365.hybrid.exchange
  - m365.hybrid.resource
  - m365.hybrid.writes
seealso:
  - module: m365.hybrid.exchange_send_connector
  - module: m365.hybrid.exchange_ad_permission
"""

EXAMPLES = r"""
- name: Devices of one network may send without signing in
  m365.hybrid.exchange_receive_connector:
    name: Devices
    server: EX01
    transport_role: frontend_transport
    bindings: ["0.0.0.0:25"]
    remote_ip_ranges: [10.1.2.0/24]
    permission_groups: [anonymous_users]
    protocol_logging_level: verbose

- name: They may send to everybody, which takes a permission in Active Directory
  m365.hybrid.exchange_ad_permission:
    identity: Devices
    user: NT AUTHORITY\ANONYMOUS LOGON
    extended_rights: [ms-Exch-SMTP-Accept-Any-Recipient]

- name: One more device
  m365.hybrid.exchange_receive_connector:
    name: Devices
    server: EX01
    remote_ip_ranges:
      add: [10.1.3.17]

- name: Clients may not use passwords in the clear
  m365.hybrid.exchange_receive_connector:
    name: Client Frontend EX01
    auth_mechanism:
      add: [tls, basic_auth_require_tls]
    require_tls: true
"""

RETURN = r"""
resource:
  description:
    - The connector as it is after the task, by option names, with O(server), O(ignore:guid) and O(ignore:distinguished_name).
    - Empty when it does not exist.
  returned: success
  type: dict
  sample:
    name: Devices
    server: EX01
    transport_role: frontend_transport
    bindings: ["0.0.0.0:25"]
    remote_ip_ranges: [10.1.2.0/24]
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
  sample: {Get-ReceiveConnector: 2, Set-ReceiveConnector: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: Set-ReceiveConnector, target: exchange on ex01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import CmdletModule
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.receive_connector import CREATE_WITH, DEFAULTS, FIELDS, ReceiveConnector

MODULE = CmdletModule(
    DOCUMENTATION,
    noun="ReceiveConnector",
    fields=FIELDS,
    create_with=CREATE_WITH,
    instructions=("server",),
    defaults=DEFAULTS,
    resource_type=ReceiveConnector,
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
