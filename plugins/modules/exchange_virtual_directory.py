#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_virtual_directory
short_description: Manage the virtual directories of Exchange servers
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - >-
    Declares the addresses and the authentication of a server's virtual directories - Outlook on the web, the Exchange admin center, ActiveSync, the offline
    address book, web services, MAPI over HTTP, PowerShell, Autodiscover - and of Outlook Anywhere.
  - An option that a type does not have is refused by name.
  - >-
    What the directory of Outlook on the web has for addresses and authentication must be the same in that of the Exchange admin center; Exchange warns of it.
    Some changes are in force only after IIS was restarted on the server, of which Exchange warns as well.
options:
  type:
    description: Which of the server's virtual directories.
    type: str
    required: true
    choices: [owa, ecp, activesync, oab, ews, mapi, powershell, autodiscover, outlook_anywhere]
  server:
    description: The server, by name or in full.
    type: str
    required: true
  web_site:
    description: The web site that it is in. V(Exchange Back End) is not for clients, and is changed by support only.
    type: str
    default: Default Web Site
  internal_url:
    description: The address for clients inside; empty for none. Not of V(autodiscover) and V(outlook_anywhere).
    type: str
  external_url:
    description: The address for clients outside; empty for none. Not of V(autodiscover) and V(outlook_anywhere).
    type: str
  internal_authentication_methods:
    description: >-
      The methods that clients inside are told of, for example V(Ntlm) or V(WindowsIntegrated); a list, or a dictionary with V(add), V(remove) or V(set).
      For V(activesync).
    type: raw
  external_authentication_methods:
    description: >-
      The methods that clients outside are told of, for example V(Fba) or V(Basic); a list, or a dictionary with V(add), V(remove) or V(set). For V(owa),
      V(ecp) and V(activesync).
    type: raw
  basic_authentication:
    description: Whether Basic authentication is possible. For V(owa), V(ecp), V(oab), V(ews), V(powershell) and V(autodiscover).
    type: bool
  windows_authentication:
    description: Whether integrated Windows authentication is possible. For the same types.
    type: bool
  digest_authentication:
    description: Whether Digest authentication is possible. For V(owa), V(ecp), V(ews) and V(autodiscover).
    type: bool
  oauth_authentication:
    description: >-
      Whether OAuth is possible, which hybrid modern authentication needs. For V(owa), V(ecp) (Exchange Server 2019 and later), V(oab), V(ews) and
      V(autodiscover).
    type: bool
  forms_authentication:
    description: Whether people sign in with a form. For V(owa) and V(ecp).
    type: bool
  adfs_authentication:
    description: Whether people sign in with AD FS; the organization must be set up for it (C(AdfsIssuer)). For V(owa) and V(ecp), first V(ecp).
    type: bool
  ws_security_authentication:
    description: Whether WS-Security is possible, which federated sharing needs. For V(ews) and V(autodiscover).
    type: bool
  certificate_authentication:
    description: Whether client certificates are possible. For V(ews) and V(powershell).
    type: bool
  basic_auth_enabled:
    description: Whether Basic authentication is possible. For V(activesync).
    type: bool
  windows_auth_enabled:
    description: Whether integrated Windows authentication is possible. For V(activesync).
    type: bool
  client_cert_auth:
    description: Whether client certificates are ignored, accepted or required. For V(activesync).
    type: str
    choices: [ignore, accepted, required]
  compression_enabled:
    description: Whether answers are compressed. For V(activesync).
    type: bool
  iis_authentication_methods:
    description: >-
      The methods that IIS takes, for example V(Ntlm), V(Negotiate), V(OAuth), V(Basic); a list, or a dictionary with V(add), V(remove) or V(set). For V(mapi)
      and V(outlook_anywhere).
    type: raw
  mrs_proxy_enabled:
    description: Whether mailboxes are moved across organizations through this server. For V(ews).
    type: bool
  internal_nlb_bypass_url:
    description: The address of the server itself, behind a load balancer; empty for none. For V(ews).
    type: str
  poll_interval:
    description: After how many minutes address books are looked for anew. For V(oab).
    type: int
  require_ssl:
    description: Whether TLS is needed. For V(oab) and V(powershell).
    type: bool
  internal_hostname:
    description: The host for clients inside; empty for none. For V(outlook_anywhere).
    type: str
  external_hostname:
    description: The host for clients outside; empty for none. For V(outlook_anywhere).
    type: str
  internal_clients_require_ssl:
    description: Whether clients inside need TLS. For V(outlook_anywhere); it is sent with O(internal_hostname) in any case, as Exchange wants it.
    type: bool
  external_clients_require_ssl:
    description: Whether clients outside need TLS. For V(outlook_anywhere); it is sent with O(external_hostname) in any case, as Exchange wants it.
    type: bool
  internal_client_authentication_method:
    description: How clients inside sign in. For V(outlook_anywhere).
    type: str
    choices: [basic, ntlm, negotiate]
  external_client_authentication_method:
    description: How clients outside sign in. For V(outlook_anywhere).
    type: str
    choices: [basic, ntlm, negotiate]
  ssl_offloading:
    description: Whether something in front of the server ends TLS. Must be V(false) for extended protection. For V(outlook_anywhere).
    type: bool
  extended_protection_token_checking:
    description: Whether extended protection is used.
    type: str
    choices: [none, allow, require]
  extended_protection_flags:
    description: >-
      Flags of extended protection, for example V(Proxy) or V(AllowDotlessSPN); a list, empty for none, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  extended_protection_spn_list:
    description: The service principal names that extended protection takes; a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  gzip_level:
    description: How much is compressed. For V(owa) and V(ews).
    type: str
    choices: ['off', low, high, error]
  admin_enabled:
    description: Whether the Exchange admin center is available there. For V(ecp).
    type: bool
  logon_format:
    description: How people write their names on the form. For V(owa).
    type: str
    choices: [full_domain, user_name, principal_name]
  default_domain:
    description: The domain of names written without one; goes with O(logon_format=user_name). Empty for none. For V(owa).
    type: str
  logon_page_public_private_selection_enabled:
    description: Whether the form asks if the computer is public. For V(owa).
    type: bool
  anonymous_features_enabled:
    description: Whether published calendars are shown to those who did not sign in. For V(owa).
    type: bool
  calendar_enabled:
    description: Whether there is a calendar. For V(owa).
    type: bool
  change_password_enabled:
    description: Whether people can change their passwords. For V(owa).
    type: bool
  display_photos_enabled:
    description: Whether photos are shown. For V(owa).
    type: bool
  set_photo_enabled:
    description: Whether people can change their photos. For V(owa).
    type: bool
  irm_enabled:
    description: Whether protected messages can be read and made. For V(owa).
    type: bool
  wac_editing_enabled:
    description: Whether documents can be edited in Office Online Server. Exchange Server 2016 and later. For V(owa).
    type: bool
  internal_download_host_name:
    description: The host from which attachments are downloaded inside; empty for none. Exchange Server 2016 and later. For V(owa).
    type: str
  external_download_host_name:
    description: The host from which attachments are downloaded outside; empty for none. Exchange Server 2016 and later. For V(owa).
    type: str
  instant_messaging_enabled:
    description: Whether there are presence and instant messages. For V(owa).
    type: bool
  instant_messaging_type:
    description: Their provider; V(ocs) is Skype for Business Server. For V(owa).
    type: str
    choices: [none, ocs]
  instant_messaging_server_name:
    description: The pool of Skype for Business Server; empty for none. For V(owa); Exchange Server 2016 and later take it from a setting override.
    type: str
  instant_messaging_certificate_thumbprint:
    description: The certificate for it; empty for none. For V(owa); Exchange Server 2016 and later take it from a setting override.
    type: str
  ad_properties_only:
    description: >-
      Whether only what Active Directory keeps is read (C(-ADPropertiesOnly)), which is much faster on a server that is far away. It goes with addresses, host
      names and authentication methods only; the others are kept in IIS and would look unset.
    type: bool
    default: false
  recreate:
    description: >-
      Whether an existing directory is removed and made anew, with the defaults of Exchange and the addresses that it had, before the other options are applied.
      This repairs a directory that is damaged; clients cannot use it in between. It is done each time. After a failure in between the next run makes it.
      Not for the lists of M(m365.hybrid.bulk).
    type: bool
    default: false
  state:
    description: Whether the directory shall exist. One that does not is made.
    type: str
    choices: [present, absent]
    default: present
extends_documentation_fragment:
  - m365.hybrid.exchange
  - m365.hybrid.writes
seealso:
  - module: m365.hybrid.bulk
  - module: m365.hybrid.export
  - module: m365.hybrid.exchange_certificate
"""

EXAMPLES = r"""
- name: Outlook on the web under one name inside and outside
  m365.hybrid.exchange_virtual_directory:
    type: owa
    server: EX01
    internal_url: https://mail.contoso.com/owa
    external_url: https://mail.contoso.com/owa

- name: Mailboxes may be moved to the cloud through this server
  m365.hybrid.exchange_virtual_directory:
    type: ews
    server: EX01
    external_url: https://mail.contoso.com/EWS/Exchange.asmx
    mrs_proxy_enabled: true

- name: Outlook Anywhere with TLS everywhere
  m365.hybrid.exchange_virtual_directory:
    type: outlook_anywhere
    server: EX01
    internal_hostname: mail.contoso.com
    external_hostname: mail.contoso.com
    internal_clients_require_ssl: true
    external_clients_require_ssl: true
    external_client_authentication_method: negotiate

- name: Make a damaged directory anew
  m365.hybrid.exchange_virtual_directory:
    type: oab
    server: EX02
    recreate: true
"""

RETURN = r"""
resource:
  description:
    - >-
      The directory as it is after the task, by option names, with O(ignore:name), O(ignore:server), O(ignore:guid) and O(ignore:distinguished_name).
    - Empty when it does not exist.
  returned: success
  type: dict
  sample:
    name: owa (Default Web Site)
    server: EX01
    internal_url: https://mail.contoso.com/owa
    forms_authentication: true
diff:
  description: What changed, or would change in check mode, in V(before) and V(after), by option names.
  returned: with --diff
  type: dict
  sample: {before: {external_url: ""}, after: {external_url: "https://mail.contoso.com/owa"}}
warnings:
  description: What the server warned of.
  returned: when there are any
  type: list
  elements: str
calls:
  description: How often each cmdlet was called.
  returned: with -v
  type: dict
  sample: {Get-OwaVirtualDirectory: 2, Set-OwaVirtualDirectory: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: Set-OwaVirtualDirectory, target: exchange on ex01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._exchange.virtual_directory_module import VirtualDirectoryModule

MODULE = VirtualDirectoryModule(DOCUMENTATION)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
