#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_hybrid_configuration_info
short_description: Show the hybrid configuration of an Exchange organization
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Returns what the Hybrid Configuration wizard keeps in the organization - domains, features, servers, smart host, certificate.
  - An organization where the wizard has not run is no error; RV(configured) is then V(false).
  - The configuration is what the wizard was told last. Connectors and relationships may have been changed since; O(include) shows them as they are.
options:
  include:
    description:
      - Which objects that belong to a hybrid organization are returned as well.
      - V(organization_relationships) are those with the tenant, found by its routing domain (C(*.onmicrosoft.com)) or by the application C(outlook.com).
      - V(send_connectors) are those that keep the headers of a hybrid organization (C(CloudServicesMailEnabled)).
      - >-
        V(receive_connectors) are those of the receiving servers of the configuration that accept these headers (C(AcceptCloudServicesMail) in
        C(TlsDomainCapabilities)); of all servers where nothing is configured, none.
      - V(remote_domains) are those of the tenant (C(*.onmicrosoft.com)).
    type: list
    elements: str
    choices: [organization_relationships, send_connectors, receive_connectors, remote_domains]
    default: []
extends_documentation_fragment:
  - m365.hybrid.exchange
  - m365.hybrid.reads
seealso:
  - module: m365.hybrid.exchange_organization_relationship
  - module: m365.hybrid.exchange_send_connector
  - module: m365.hybrid.exchange_receive_connector
  - module: m365.hybrid.exchange_remote_domain
"""

EXAMPLES = r"""
- name: Is this organization hybrid, and with which certificate?
  m365.hybrid.exchange_hybrid_configuration_info:
  register: hybrid

- name: Everything that mail to and from the tenant goes through
  m365.hybrid.exchange_hybrid_configuration_info:
    include: [send_connectors, receive_connectors, remote_domains]
  register: mail
"""

RETURN = r"""
configured:
  description: Whether the organization has a hybrid configuration.
  returned: success
  type: bool
  sample: true
configuration:
  description: The configuration; empty where there is none.
  returned: success
  type: dict
  contains:
    domains:
      description: The domains that are shared with the tenant. One with C(autod:) in front of it is where Autodiscover is asked for all of them.
      type: list
      elements: str
    features:
      description: What was turned on, in lower snake_case, for example V(secure_mail).
      type: list
      elements: str
    on_premises_smart_host:
      description: The host to which the tenant sends messages for the organization.
      type: str
    tls_certificate_name:
      description: The certificate of the connectors, as issuer and subject.
      type: str
    client_access_servers:
      description: The servers for migrations, where the wizard was told any.
      type: list
      elements: str
    edge_transport_servers:
      description: The Edge Transport servers that messages go through.
      type: list
      elements: str
    receiving_transport_servers:
      description: The servers that take messages from the tenant.
      type: list
      elements: str
    sending_transport_servers:
      description: The servers that send messages to the tenant.
      type: list
      elements: str
    external_ip_addresses:
      description: The addresses from which the organization's messages come.
      type: list
      elements: str
  sample:
    domains: [contoso.com]
    features: [free_busy, move_mailbox, mailtips, secure_mail]
    on_premises_smart_host: mail.contoso.com
    tls_certificate_name: <I>CN=Contoso CA<S>CN=mail.contoso.com
    receiving_transport_servers: [EX01]
    sending_transport_servers: [EX01]
organization_relationships:
  description: The relationships with the tenant.
  returned: when O(include) names them
  type: list
  elements: dict
  sample:
    - {name: On-premises to O365, enabled: true, domain_names: [contoso.mail.onmicrosoft.com], mailbox_move_enabled: true}
send_connectors:
  description: The connectors to the tenant.
  returned: when O(include) names them
  type: list
  elements: dict
  sample:
    - {name: Outbound to Office 365, enabled: true, address_spaces: ["smtp:contoso.mail.onmicrosoft.com;1"], require_tls: true}
receive_connectors:
  description: The connectors that take the tenant's messages.
  returned: when O(include) names them
  type: list
  elements: dict
  sample:
    - {name: Default Frontend EX01, server: EX01, tls_domain_capabilities: ["mail.protection.outlook.com:AcceptCloudServicesMail"]}
remote_domains:
  description: How the tenant's own domains are treated.
  returned: when O(include) names them
  type: list
  elements: dict
  sample:
    - {name: Hybrid Domain - contoso.mail.onmicrosoft.com, domain_name: contoso.mail.onmicrosoft.com, target_delivery_domain: true}
warnings:
  description: What the server warned of.
  returned: when there are any
  type: list
  elements: str
calls:
  description: How often each cmdlet was called.
  returned: with -v
  type: dict
  sample: {Get-HybridConfiguration: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: Get-HybridConfiguration, target: exchange on ex01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._exchange.hybrid_configuration import HybridConfigurationInfo

MODULE = HybridConfigurationInfo(DOCUMENTATION)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
