#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_certificate_info
short_description: List the certificates of Exchange servers
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - >-
    Returns certificates and requests of servers, with the services that they are enabled for, their names, their state and the days that are left. Each server
    has certificates of its own.
  - >-
    Exchange sends certificates in a form that only its own shell can read; the properties are taken by C(Select-Object) on the server, which the endpoint
    allows.
  - The server that is connected to asks the others; one that does not answer makes the task fail, because the list would be short of its certificates.
options:
  server:
    description: The servers, by name or in full. Every server but those with the Edge Transport role when it is not given.
    type: list
    elements: str
  thumbprint:
    description: Only certificates with one of these thumbprints.
    type: list
    elements: str
  service:
    description: Only certificates that are enabled for this service.
    type: str
    choices: [imap, pop, um, iis, smtp, federation, um_call_router]
  expires_within_days:
    description: Only certificates with at most so many days left, expired ones among them; V(0) for those that end today or have ended.
    type: int
extends_documentation_fragment:
  - m365.hybrid.exchange
  - m365.hybrid.reads
seealso:
  - module: m365.hybrid.exchange_certificate
"""

EXAMPLES = r"""
- name: Which certificates end within a month?
  m365.hybrid.exchange_certificate_info:
    expires_within_days: 30
  register: ending

- name: What do clients of this server see?
  m365.hybrid.exchange_certificate_info:
    server: [EX01]
    service: iis
  register: served
"""

RETURN = r"""
certificates:
  description: The certificates, server by server, as each server lists them.
  returned: success
  type: list
  elements: dict
  contains:
    server:
      description: The server.
      type: str
    thumbprint:
      description: The thumbprint, in capitals.
      type: str
    subject:
      description: For whom it is.
      type: str
    issuer:
      description: Who issued it.
      type: str
    domains:
      description: The names that it is for.
      type: list
      elements: str
    services:
      description: The services that it is enabled for. Exchange may show more than really use it.
      type: list
      elements: str
    status:
      description: V(valid), V(date_invalid), V(pending_request), V(untrusted), V(revoked), V(revocation_check_failure), V(invalid) or V(unknown).
      type: str
    not_before:
      description: From when it is valid, in UTC.
      type: str
    not_after:
      description: Until when it is valid, in UTC.
      type: str
    days_left:
      description: Whole days until then, by the clock of the control node; negative when it has expired.
      type: int
    has_private_key:
      description: Whether the server has its private key.
      type: bool
    private_key_exportable:
      description: Whether the key can be exported.
      type: bool
    self_signed:
      description: Whether it is self-signed.
      type: bool
    root_ca_type:
      description: What kind of authority issued it, for example V(third_party), V(enterprise), V(registry), V(none) or V(unknown).
      type: str
    friendly_name:
      description: Its friendly name.
      type: str
    serial_number:
      description: Its serial number.
      type: str
    key_size:
      description: The size of its key in bits.
      type: int
  sample:
    - server: EX01
      thumbprint: 78E1BE82F683EE6D8CB9B9266FC1185AE0890C41
      subject: CN=mail.contoso.com
      domains: [mail.contoso.com, autodiscover.contoso.com]
      services: [iis, smtp]
      status: valid
      not_after: "2031-01-31T00:00:00Z"
      days_left: 1530
      has_private_key: true
      self_signed: false
warnings:
  description: What the server warned of.
  returned: when there are any
  type: list
  elements: str
calls:
  description: How often each cmdlet was called.
  returned: with -v
  type: dict
  sample: {Get-ExchangeServer: 1, Get-ExchangeCertificate: 2}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: Get-ExchangeCertificate, target: exchange on ex01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._exchange.certificate_info import CertificateInfo

MODULE = CertificateInfo(DOCUMENTATION)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
