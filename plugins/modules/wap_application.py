#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: wap_application
short_description: Manage applications that Web Application Proxy publishes
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - >-
    Publishes an application, changes it, or ends its publication. The configuration is in the farm, so that one proxy of a farm is enough; a certificate
    that an application names must be in the machine's store of every proxy.
options:
  name:
    description: Name of the application.
    type: str
    required: true
  external_url:
    description: URL for clients, with a slash at the end. Needed to publish an application.
    type: str
  backend_server_url:
    description: URL of the application itself, with a slash at the end. Needed to publish an application.
    type: str
  external_certificate_thumbprint:
    description: SHA-1 thumbprint of the certificate for O(external_url).
    type: str
  external_preauthentication:
    description: Who signs a user in before a request reaches the application. Used at creation only.
    type: str
    choices: [pass_through, adfs, client_certificate, adfs_for_rich_clients, adfs_for_oauth, adfs_for_browsers_and_office]
  relying_party:
    description: Name of the relying party trust of the application, for preauthentication with AD FS. Used at creation only.
    type: str
  backend_server_authentication_spn:
    description: Service principal name of the application, for Kerberos; empty for none.
    type: str
  backend_server_certificate_validation:
    description: Whether the certificate of the application is validated.
    type: str
    choices: [none, validate_certificate]
  client_certificate_preauthentication_thumbprint:
    description: SHA-1 thumbprint of the one client certificate that is let in; empty for none.
    type: str
  enable_http_redirect:
    description: Whether clients that come over HTTP are sent to HTTPS.
    type: bool
  enable_sign_out:
    description: Whether signing out ends the session at the proxy, too.
    type: bool
  disable_http_only_cookie_protection:
    description: Whether scripts in the browser may read the cookie of the proxy.
    type: bool
  disable_translate_url_in_request_headers:
    description: Whether URLs in headers of requests stay as they are.
    type: bool
  disable_translate_url_in_response_headers:
    description: Whether URLs in headers of responses stay as they are.
    type: bool
  use_oauth_authentication:
    description: Whether clients that know OAuth are asked for a token.
    type: bool
  inactive_transactions_timeout_sec:
    description: After how many seconds an idle request is ended.
    type: int
  persistent_access_cookie_expiration_time_sec:
    description: How many seconds the cookie of the proxy lasts when the browser was closed. 0 for no such cookie.
    type: int
extends_documentation_fragment:
  - m365.hybrid.adfs
  - m365.hybrid.resource
  - m365.hybrid.writes
seealso:
  - module: m365.hybrid.wap_ssl_certificate
  - module: m365.hybrid.adfs_ssl_certificate
"""

EXAMPLES = r"""
- name: The application has the new certificate
  m365.hybrid.wap_application:
    name: Portal
    external_certificate_thumbprint: 44897AF9EEE6CEC801DEE8FE2A6A2CA508F164E8

- name: One more application is published
  m365.hybrid.wap_application:
    name: Expenses
    external_url: https://sts.contoso.com/expenses/
    backend_server_url: https://expenses.contoso.com/expenses/
    external_preauthentication: pass_through
    external_certificate_thumbprint: 44897AF9EEE6CEC801DEE8FE2A6A2CA508F164E8

- name: It is not published any more
  m365.hybrid.wap_application:
    name: Expenses
    state: absent
"""

RETURN = r"""
resource:
  description:
    - The application as it is after the task, by option names, with O(ignore:id).
    - Empty when it is not published.
  returned: success
  type: dict
  sample:
    name: Portal
    external_url: https://sts.contoso.com/portal/
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
  sample: {Get-WebApplicationProxyApplication: 2, Set-WebApplicationProxyApplication: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: CmdletError, cmdlet: Set-WebApplicationProxyApplication, target: windows on adfs01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._adfs.application import CREATE_WITH, FIELDS, Application
from ansible_collections.m365.hybrid.plugins.module_utils._adfs.farm import WIRES
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import CmdletModule

MODULE = CmdletModule(
    DOCUMENTATION,
    wires=WIRES,
    noun="WebApplicationProxyApplication",
    fields=FIELDS,
    create_with=CREATE_WITH,
    resource_type=Application,
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
