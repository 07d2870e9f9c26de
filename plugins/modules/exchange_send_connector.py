#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_send_connector
short_description: Manage send connectors of an Exchange organization
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Declares a send connector - for which domains, through which hosts, with which encryption and authentication.
options:
  name:
    description: Name of the connector.
    type: str
    required: true
  usage:
    description: What a new connector starts as; V(custom) unless this says otherwise. Used at creation only.
    type: str
    choices: [custom, internal, internet, partner]
  address_spaces:
    description: >-
      Which recipients' messages take the connector, as type, domain and cost, for example V(SMTP:*.contoso.com;1); V(contoso.com) alone is the same
      with type V(SMTP) and cost V(1), V(*) is every domain; a list, or a dictionary with V(add), V(remove) or V(set). A space that is added replaces
      the same one with another cost; to remove one its cost does not matter. Needed to create a connector.
    type: raw
  is_scoped_connector:
    description: Whether only servers of the same Active Directory site use the connector.
    type: bool
  source_transport_servers:
    description: The servers that send through the connector; a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  enabled:
    description: Whether messages take the connector.
    type: bool
  smart_hosts:
    description: >-
      The hosts that messages are handed to, names or IP addresses; a list, or a dictionary with V(add), V(remove) or V(set). Goes with
      O(dns_routing_enabled=false).
    type: raw
  dns_routing_enabled:
    description: Whether the recipient's domain is looked up in DNS. Must be V(false) with O(smart_hosts) and V(true) without.
    type: bool
  use_external_dns_servers_enabled:
    description: Whether the servers' external DNS settings are used.
    type: bool
  smart_host_auth_mechanism:
    description: How the smart host is authenticated to.
    type: str
    choices: [none, basic_auth, basic_auth_require_tls, exchange_server, external_authoritative]
  authentication_user:
    description: The user at the smart host; empty for none. Needed for V(basic_auth) and V(basic_auth_require_tls).
    type: str
  authentication_password:
    description: >-
      The user's password. It cannot be read, so it is written when O(authentication_user) changes, or as O(update_password) says. A connector whose
      user the server does not name counts as one with the right user.
    type: str
  update_password:
    description: Whether the password is written to a connector that has the user already. V(always) reports a change every time.
    type: str
    choices: [on_create, always]
    default: on_create
  port:
    description: The port to connect to.
    type: int
  fqdn:
    description: The name that the server says in HELO or EHLO; empty for its own.
    type: str
  source_ip_address:
    description: The server's address to send from; V(0.0.0.0) for any. Edge Transport servers only.
    type: str
  require_tls:
    description: Whether messages are sent in encrypted sessions only.
    type: bool
  ignore_starttls:
    description: Whether encryption is not even tried. Not with O(require_tls).
    type: bool
  tls_auth_level:
    description: What is asked of the other side's certificate; V(none) for nothing in particular, the others need O(require_tls=true).
    type: str
    choices: [none, encryption_only, certificate_validation, domain_validation]
  tls_domain:
    description: The domain that the certificate must be for; empty for none. Goes with O(tls_auth_level=domain_validation).
    type: str
  tls_certificate_name:
    description: The server's certificate, as V(<I>issuer<S>subject); empty for the one that fits O(fqdn). Exchange Server 2013 and later.
    type: str
  domain_secure_enabled:
    description: Whether mutual TLS is used for domains of the secure domain list. Needs O(dns_routing_enabled=true).
    type: bool
  cloud_services_mail_enabled:
    description: Whether the connector keeps the headers that a hybrid organization needs. Exchange Server 2013 and later.
    type: bool
  require_oorg:
    description: Whether the other side must take the originator's organization.
    type: bool
  frontend_proxy_enabled:
    description: Whether messages leave through the Front End Transport service. Exchange Server 2013 and later.
    type: bool
  connector_type:
    description: Whether the connector leads to the other half of a hybrid organization. Exchange Server 2016 and later.
    type: str
    choices: [default, x_premises]
  max_message_size:
    description: The largest message, for example V(35MB) or V(unlimited).
    type: str
  smtp_max_messages_per_connection:
    description: How many messages one connection carries.
    type: int
  connection_inactivity_timeout:
    description: How long a connection may be idle, for example V(00:10:00).
    type: str
  force_helo:
    description: Whether HELO is used instead of EHLO.
    type: bool
  error_policies:
    description: >-
      Failures after which a message is tried again instead of being returned, out of V(downgrade_dns_failures) and V(downgrade_custom_failures);
      a list, empty for none, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  protocol_logging_level:
    description: Whether the protocol log has this connector's sessions.
    type: str
    choices: [none, verbose]
  comment:
    description: A comment.
    type: str
extends_documentation_fragment:
  - m365.hybrid.exchange
  - m365.hybrid.resource
  - m365.hybrid.writes
seealso:
  - module: m365.hybrid.exchange_receive_connector
"""

EXAMPLES = r"""
- name: Everything leaves through the provider
  m365.hybrid.exchange_send_connector:
    name: Internet
    usage: internet
    address_spaces: ["*"]
    smart_hosts: [smtp.provider.example]
    dns_routing_enabled: false
    smart_host_auth_mechanism: basic_auth_require_tls
    authentication_user: contoso
    authentication_password: "{{ vaulted_password }}"
    source_transport_servers: [EX01]

- name: The partner's certificate must be right
  m365.hybrid.exchange_send_connector:
    name: Partner
    address_spaces: [partner.example, "*.partner.example"]
    require_tls: true
    tls_auth_level: domain_validation
    tls_domain: mail.partner.example

- name: A second smart host
  m365.hybrid.exchange_send_connector:
    name: Internet
    smart_hosts:
      add: [192.0.2.25]
"""

RETURN = r"""
resource:
  description:
    - The connector as it is after the task, by option names, with O(ignore:guid) and O(ignore:distinguished_name).
    - Empty when it does not exist.
  returned: success
  type: dict
  sample:
    name: Internet
    address_spaces: ["SMTP:*;1"]
    smart_hosts: [smtp.provider.example, "[192.0.2.25]"]
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
  sample: {Get-SendConnector: 2, Set-SendConnector: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: Set-SendConnector, target: exchange on ex01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import CmdletModule
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.send_connector import CREATE_WITH, DEFAULTS, FIELDS, SendConnector

MODULE = CmdletModule(
    DOCUMENTATION,
    noun="SendConnector",
    fields=FIELDS,
    create_with=CREATE_WITH,
    instructions=("update_password",),
    defaults=DEFAULTS,
    resource_type=SendConnector,
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
