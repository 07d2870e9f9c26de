#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_migration_endpoint
short_description: Manage migration endpoints of an Exchange organization
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Declares where migration batches come from or go to - the other side's server, with what it is signed in to, how many mailboxes at a time.
  - Exchange tries a new endpoint out before it keeps it.
  - >-
    Credentials are not sent to Exchange Online by this collection. There, endpoints without credentials can be made (for example of moves across tenants), and
    those that exist can be changed, tested and removed.
options:
  name:
    description: Name of the endpoint.
    type: str
    required: true
  type:
    description: >-
      What the endpoint is for; needed to make one, and the same for good. Exchange Server has V(exchange_remote_move), V(pst_import), V(compliance) and
      V(public_folder_to_unified_group).
    type: str
    choices:
      - exchange_remote_move
      - exchange_outlook_anywhere
      - imap
      - public_folder
      - public_folder_to_unified_group
      - pst_import
      - compliance
      - gmail
  remote_server:
    description: The other side's server, in full; for remote moves the host of its web services.
    type: str
  email_address:
    description: >-
      An address on the other side, by which Autodiscover finds the server where O(remote_server) is not given. Used at creation only.
    type: str
  user:
    description: The account on the other side, for example C(CONTOSO\migration). Not for a new endpoint in Exchange Online.
    type: str
  password:
    description: The account's password. It cannot be read, so it is written when O(user) changes, or as O(update_password) says.
    type: str
  service_account_key:
    description: The key of a service account of Google Workspace, as the JSON text of its file. Needed for V(gmail). Exchange Online only.
    type: str
  update_password:
    description: >-
      Whether O(password) or O(service_account_key) is written to an endpoint that has the user already. V(always) reports a change every time.
    type: str
    choices: [on_create, always]
    default: on_create
  max_concurrent_migrations:
    description: How many mailboxes are migrated at a time. A number or V(unlimited).
    type: str
  max_concurrent_incremental_syncs:
    description: How many mailboxes are synchronised again at a time. A number or V(unlimited).
    type: str
  skip_verification:
    description: Whether a new endpoint, or a change, is not tried out.
    type: bool
    default: false
  accept_untrusted_certificates:
    description: Whether the other side's certificate need not be trusted. Exchange Online only.
    type: bool
  authentication:
    description: How the other side is signed in to, for example V(Basic) or V(Ntlm). Exchange Online only.
    type: str
  port:
    description: The port of an IMAP server. Exchange Online only.
    type: int
  security:
    description: The encryption of an IMAP server. Exchange Online only.
    type: str
    choices: [none, ssl, tls]
  mailbox_permission:
    description: Which permission the account has for Outlook Anywhere. Exchange Online only.
    type: str
    choices: [admin, full_access]
  exchange_server:
    description: The server behind Outlook Anywhere. Exchange Online only.
    type: str
  rpc_proxy_server:
    description: The RPC proxy of Outlook Anywhere, also for public folders. Exchange Online only.
    type: str
  nspi_server:
    description: The server of the address book, for Outlook Anywhere. Exchange Online only.
    type: str
  source_mailbox_legacy_dn:
    description: Legacy distinguished name of a mailbox to test with, or of that for public folders. Exchange Online only.
    type: str
  public_folder_database_server_legacy_dn:
    description: Legacy distinguished name of the server of the public folder database. Exchange Online only.
    type: str
  test_mailbox:
    description: A mailbox to test with. Exchange Online only.
    type: str
  application_id:
    description: The application of moves across tenants. Exchange Online only.
    type: str
  app_secret_key_vault_url:
    description: Where the application's secret is kept. Exchange Online only.
    type: str
  remote_tenant:
    description: The other tenant of moves across tenants; the same for good. Exchange Online only.
    type: str
  test:
    description: >-
      Whether the endpoint is tested (C(Test-MigrationServerAvailability)), so that RV(test) says how that went. A test that fails is no failure of the task. In
      check mode the test runs only where nothing would be changed.
    type: bool
    default: false
extends_documentation_fragment:
  - m365.hybrid.exchange_anywhere
  - m365.hybrid.resource
  - m365.hybrid.writes
seealso:
  - module: m365.hybrid.exchange_migration_batch_info
  - module: m365.hybrid.exchange_virtual_directory
"""

EXAMPLES = r"""
- name: Where mailboxes of another forest come from
  m365.hybrid.exchange_migration_endpoint:
    name: Fabrikam
    type: exchange_remote_move
    remote_server: mail.fabrikam.com
    user: FABRIKAM\migration
    password: "{{ vaulted_password }}"
    max_concurrent_migrations: 50

- name: Does the hybrid endpoint work?
  m365.hybrid.exchange_migration_endpoint:
    name: Hybrid Endpoint
    test: true
  register: endpoint
"""

RETURN = r"""
resource:
  description:
    - The endpoint as it is after the task, by option names, with O(ignore:guid) and O(ignore:active_migration_count).
    - Empty when it does not exist.
  returned: success
  type: dict
  sample:
    name: Hybrid Endpoint
    type: exchange_remote_move
    remote_server: mail.contoso.com
    user: CONTOSO\migration
    max_concurrent_migrations: 20
test:
  description: How the test went; null where it did not run because check mode would change something.
  returned: when O(test) is true
  type: dict
  contains:
    passed:
      description: Whether the endpoint works.
      type: bool
    result:
      description: The result in the server's word.
      type: str
    message:
      description: What the server says of it; null where it says nothing.
      type: str
    error_detail:
      description: More of it.
      type: str
  sample: {passed: true, result: Success, message: null, error_detail: null}
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
  sample: {Get-MigrationEndpoint: 2, Set-MigrationEndpoint: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: Set-MigrationEndpoint, target: exchange on ex01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._exchange.migration_endpoint import CREATE_WITH, FIELDS, MigrationEndpoint, MigrationEndpointModule

MODULE = MigrationEndpointModule(
    DOCUMENTATION,
    noun="MigrationEndpoint",
    fields=FIELDS,
    create_with=CREATE_WITH,
    instructions=("update_password", "skip_verification", "test"),
    resource_type=MigrationEndpoint,
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
