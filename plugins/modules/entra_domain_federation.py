#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: entra_domain_federation
short_description: Manage the federation of domains of Entra ID
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Federates a domain of a tenant with an identity provider such as AD FS, changes the settings, or makes the domain managed again.
  - The default domain, the tenant's first domain and one that is not verified are refused before anything is written.
  - Certificates are compared by thumbprint. One that has ended is refused, because nobody could sign in with it.
options:
  domain:
    description: The domain. It must be there and be verified.
    type: str
    required: true
  display_name:
    description: Name of the identity provider.
    type: str
  issuer_uri:
    description:
      - Identifier of the identity provider in its tokens. Needed to federate a domain.
      - Every federated domain of a tenant has one of its own.
    type: str
  passive_sign_in_uri:
    description: Where browsers are sent to sign in. Needed to federate a domain.
    type: str
  active_sign_in_uri:
    description: Where clients without a browser sign in.
    type: str
  metadata_exchange_uri:
    description: Where clients with rich dialogs get the metadata from.
    type: str
  sign_out_uri:
    description: Where browsers are sent to sign out.
    type: str
  password_reset_uri:
    description: Where users are sent to reset a password.
    type: str
  preferred_authentication_protocol:
    description: Protocol of the identity provider.
    type: str
    choices: [ws_fed, saml]
  signing_certificate:
    description: Public certificate that signs the tokens, as PEM or as base64. Needed to federate a domain.
    type: str
  next_signing_certificate:
    description: Public certificate that will sign the tokens later, as PEM or as base64. An empty text takes it away.
    type: str
  federated_idp_mfa_behavior:
    description:
      - Whether multi-factor authentication that the identity provider did is taken, asked for, or done again by Entra ID.
      - Once it is set, the older setting SupportsMfa has no meaning any more, and there is no way back to it.
    type: str
    choices: [accept_if_mfa_done_by_federated_idp, enforce_mfa_by_federated_idp, reject_mfa_by_federated_idp]
  prompt_login_behavior:
    description: What becomes of a request to sign in anew.
    type: str
    choices: [translate_to_fresh_password_authentication, native_support, disabled]
  is_signed_authentication_request_required:
    description: Whether requests to a SAML identity provider are signed.
    type: bool
  state:
    description:
      - Whether the domain is federated. V(absent) makes it managed.
      - Users of a domain that becomes managed need a password in the cloud, or they cannot sign in.
    type: str
    choices: [present, absent]
    default: present
extends_documentation_fragment:
  - m365.hybrid.graph
  - m365.hybrid.writes
seealso:
  - module: m365.hybrid.entra_domain_federation_info
"""

EXAMPLES = r"""
- name: A domain whose users sign in with AD FS
  m365.hybrid.entra_domain_federation:
    domain: fed.contoso.com
    display_name: Contoso AD FS
    issuer_uri: http://fed.contoso.com/adfs/services/trust/
    passive_sign_in_uri: https://sts.contoso.com/adfs/ls/
    active_sign_in_uri: https://sts.contoso.com/adfs/services/trust/2005/usernamemixed
    metadata_exchange_uri: https://sts.contoso.com/adfs/services/trust/mex
    sign_out_uri: https://sts.contoso.com/adfs/ls/
    preferred_authentication_protocol: ws_fed
    federated_idp_mfa_behavior: accept_if_mfa_done_by_federated_idp
    signing_certificate: >-
      MIIBIzCByqADAgECAhR/syhPW+5bfjzUYTF5JMxrAwki4zAKBggqhkjOPQQDAjASMRAwDgYDVQQDDAdzdHMgb25lMB4XDTI2MDEwMTAwMDAwMFoXDTQ5MDEwMTAw
      MDAwMFowEjEQMA4GA1UEAwwHc3RzIG9uZTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABH7GxOO0sOsYfu92kWLVI3JBUNcikL6zeNPlWPpTEzGrbA33xR0g0/al
      qLwkOfHvSZycqBujRxDSgmhEoW5yr6AwCgYIKoZIzj0EAwIDSAAwRQIhAOhDSSD4OBDQ1Ks2gfQ+naoo7GLF8hcL2c2oitFLbelIAiAi0k4wz5MeTStYV6Tla6or
      UWmDNC+AwTXfgxPJ/mx1dg==

- name: The users sign in with the cloud again
  m365.hybrid.entra_domain_federation:
    domain: fed.contoso.com
    state: absent
"""

RETURN = r"""
resource:
  description:
    - The federation as it is after the task, by option names, with the thumbprints of the certificates, O(ignore:id) and
      O(ignore:signing_certificate_update_status).
    - Empty when the domain is managed.
  returned: success
  type: dict
  sample:
    domain: fed.contoso.com
    issuer_uri: http://fed.contoso.com/adfs/services/trust/
    signing_certificate_thumbprint: 296840D07E5F8239BB8D1E0DAFEFC5C9793E28F7
diff:
  description: What changed, or would change in check mode, in V(before) and V(after), by option names.
  returned: with --diff
  type: dict
  sample: {before: {}, after: {}}
warnings:
  description: What the service warned of.
  returned: when there are any
  type: list
  elements: str
calls:
  description: How often each request was made.
  returned: with -v
  type: dict
  sample: {"GET /v1.0/domains/{}": 2, "GET /v1.0/domains/{}/federationConfiguration": 2, "POST /v1.0/domains/{}/federationConfiguration": 1}
error:
  description: What the service said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: "POST /v1.0/domains/{}/federationConfiguration", target: Microsoft Graph for contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._entra.domain_federation import FIELDS, DomainFederation
from ansible_collections.m365.hybrid.plugins.module_utils._entra.module import GraphModule

MODULE = GraphModule(
    DOCUMENTATION,
    kind="federation of domain",
    collection="/v1.0/domains",
    key="domain",
    fields=FIELDS,
    manner=("state",),
    resource_type=DomainFederation,
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
