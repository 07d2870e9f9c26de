#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_certificate
short_description: Manage the certificates of Exchange servers
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Imports a certificate to an Exchange server, makes a self-signed one or a request for one, enables services on it, removes it.
  - >-
    Services can only be added. Exchange has no way to take one away - V(iis) goes to another certificate when that is enabled for it, the others end with the
    certificate. A certificate that has more services than O(services) is right.
  - >-
    A certificate that is in use is not removed - one with services, one that connectors name, and that of the authorization configuration. The default SMTP
    certificate cannot be removed at all.
  - Each server has certificates of its own; the default SMTP certificate cannot be shared. A task is for one server.
options:
  server:
    description: The server, by name or in full. The server that is connected to when it is not given.
    type: str
  thumbprint:
    description: >-
      Thumbprint (SHA-1) of the certificate; blanks and colons do not matter. Needed to remove one. With O(content) it is compared with what the file holds,
      and a certificate that is there already is not imported, so that the file is not even opened.
    type: str
  content:
    description:
      - >-
        The certificate to import, either a PFX file in base64, with its private key, or the certificate that was issued for a request of this server, in PEM or
        in base64 of DER or PKCS #7 (P7B).
      - >-
        Neither content nor password is shown or written anywhere. A file that cannot be opened, has no key or has expired is refused before anything is sent,
        in check mode, too. With C(async) the file is not opened first, and O(thumbprint) is needed.
    type: str
  password:
    description: Password of the PFX file.
    type: str
  private_key_exportable:
    description: Whether the key can be exported from the server later. Used when the certificate is imported or made.
    type: bool
  friendly_name:
    description: Friendly name. Set when the certificate is imported or made; a name that differs afterwards is an error.
    type: str
  services:
    description: The services that the certificate is enabled for at least. Not for a request.
    type: list
    elements: str
    choices: [imap, pop, um, iis, smtp, federation, um_call_router]
  replace_default_smtp:
    description: >-
      Whether the certificate may replace the server's default SMTP certificate (internal transport certificate). Exchange asks before it does when V(smtp) is
      enabled, so without this V(smtp) is refused. Subscribed Edge Transport servers must be subscribed again afterwards.
    type: bool
    default: false
  do_not_require_ssl:
    description: Whether enabling V(iis) leaves it to the web site whether TLS is needed, instead of requiring it.
    type: bool
    default: false
  generate:
    description:
      - >-
        V(self_signed) makes a self-signed certificate, V(request) a request, which is returned in RV(request); it is completed by importing the certificate
        that was issued, as O(content).
      - >-
        Nothing is made where a certificate of the same kind and O(subject_name), for all O(domain_names) at least, has O(renew_before) days or more left; nor a
        request where such a request is pending, whose text is not returned again.
    type: str
    choices: [self_signed, request]
  renew_before:
    description: With how many days left a certificate that O(generate) made is followed by another one.
    type: int
    default: 0
  subject_name:
    description: Subject of a new certificate, for example V(CN=mail.contoso.com,O=Contoso,C=DE). The first of O(domain_names) when it is not given.
    type: str
  domain_names:
    description: The names that a new certificate is for.
    type: list
    elements: str
  key_size:
    description: Size of a new key in bits.
    type: int
    choices: [1024, 2048, 4096]
  include_accepted_domains:
    description: Whether a new certificate is for all accepted domains, too.
    type: bool
  include_auto_discover:
    description: Whether a new certificate is for C(autodiscover) in each accepted domain, too.
    type: bool
  include_server_fqdn:
    description: Whether a new certificate is for the server's full name, too.
    type: bool
  include_server_net_bios_name:
    description: Whether a new certificate is for the server's short name, too.
    type: bool
  force:
    description: Whether a certificate is removed although something uses it. Exchange may refuse all the same.
    type: bool
    default: false
  state:
    description: Whether the server shall have the certificate.
    type: str
    choices: [present, absent]
    default: present
extends_documentation_fragment:
  - m365.hybrid.exchange
  - m365.hybrid.writes
seealso:
  - module: m365.hybrid.exchange_certificate_info
  - module: m365.hybrid.exchange_send_connector
  - module: m365.hybrid.exchange_receive_connector
"""

EXAMPLES = r"""
- name: The new certificate is on the server and serves web clients and mail
  m365.hybrid.exchange_certificate:
    server: EX01
    thumbprint: F4FA62A0C8C4B887576EA1AB8FF604AEDD1E90D8
    content: "{{ pfx.content }}" # as ansible.builtin.slurp on the control node returns the file
    password: "{{ vaulted_password }}"
    services: [iis, smtp]
    replace_default_smtp: true

- name: A request for its successor
  m365.hybrid.exchange_certificate:
    server: EX01
    generate: request
    subject_name: CN=mail.contoso.com,O=Contoso
    domain_names: [mail.contoso.com, autodiscover.contoso.com]
    private_key_exportable: true
    friendly_name: Mail
    renew_before: 30
  register: successor

- name: The expired one goes
  m365.hybrid.exchange_certificate:
    server: EX01
    thumbprint: 40CABDFFA076665267862DC131E7A9802E874453
    state: absent
"""

RETURN = r"""
certificate:
  description:
    - The certificate as it is after the task, with the properties of M(m365.hybrid.exchange_certificate_info). Empty when it does not exist.
    - In check mode, what is known of one that would be made.
  returned: success
  type: dict
  sample:
    thumbprint: 78E1BE82F683EE6D8CB9B9266FC1185AE0890C41
    subject: CN=mail.contoso.com
    services: [iis, smtp]
    status: valid
    days_left: 397
    has_private_key: true
request:
  description: The request for a certification authority, in PEM; null unless the task made it.
  returned: success
  type: str
  sample: "-----BEGIN NEW CERTIFICATE REQUEST-----..."
diff:
  description: What changed, or would change in check mode, in V(before) and V(after).
  returned: with --diff
  type: dict
  sample: {before: {services: []}, after: {services: [iis]}}
warnings:
  description: What the server warned of.
  returned: when there are any
  type: list
  elements: str
calls:
  description: How often each cmdlet was called.
  returned: with -v
  type: dict
  sample: {Get-ExchangeCertificate: 2, Import-ExchangeCertificate: 1, Enable-ExchangeCertificate: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: UsageError, cmdlet: null, target: exchange on ex01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._exchange.certificate_module import CertificateModule

MODULE = CertificateModule(
    DOCUMENTATION,
    secrets=("content", "password"),
    constraints={"mutually_exclusive": [("content", "generate"), ("thumbprint", "generate")], "required_by": {"password": "content"}},
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
