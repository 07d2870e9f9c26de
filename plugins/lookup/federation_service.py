# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lookup that asks a federation service what it shows; its own DOCUMENTATION says how to use it."""

from __future__ import annotations

DOCUMENTATION = r"""
name: federation_service
short_description: See what a federation service shows to its clients
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - >-
    Connects from the control node to servers of a federation service, or to proxies or load balancers in front of it, and returns the certificate that each
    presents over TLS, the certificates in its federation metadata, and whether there is a page to sign in.
  - Nothing is verified, so that what no client would trust is shown as well. A server that cannot be reached is an entry with O(ignore:reached) false.
options:
  _terms:
    description: Where to connect to, each as C(HOST:PORT).
    type: list
    elements: str
    required: true
  service_name:
    description: Name of the federation service, which every server is asked for, for example V(sts.contoso.com).
    type: str
    required: true
  timeout:
    description: Seconds to wait for an answer.
    type: float
    default: 10
"""

EXAMPLES = r"""
- name: Show how long the certificates last
  ansible.builtin.debug:
    msg: >-
      {{ query('m365.hybrid.federation_service', 'adfs01.contoso.com:443', 'wap01.contoso.com:443', service_name='sts.contoso.com')
      | map(attribute='certificate') }}
"""

RETURN = r"""
_raw:
  description:
    - >-
      One entry for each address, with C(address), C(reached), C(error), C(certificate), C(without_name) (what a client is shown that names no server),
      C(alternate) (what is shown for C(certauth.) in front of the name), C(metadata) (the HTTP status), C(signing) and C(sign_in_page) (the HTTP status).
    - >-
      A certificate is a dictionary with C(thumbprint), C(subject), C(names), C(not_before), C(not_after) and C(days_left); none where none is presented.
      Those in C(signing) have C(certificate), too, as base64.
  type: list
  elements: dict
"""

import typing as t

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase
from ansible.utils.unsafe_proxy import wrap_var

from ansible_collections.m365.hybrid.plugins.module_utils._adfs.farm import now
from ansible_collections.m365.hybrid.plugins.plugin_utils import serving


class LookupModule(LookupBase):
    """The lookup for ansible-core.  Names in certificates are other people's, so texts are marked as no templates."""

    def run(self, terms: list[str], variables: t.Mapping[str, t.Any] | None = None, **kwargs: t.Any) -> list[t.Any]:
        self.set_options(var_options=variables, direct=kwargs)
        name, timeout = str(self.get_option("service_name")), float(self.get_option("timeout"))
        try:
            return [wrap_var(serving.look(str(one), name, timeout, now())) for one in terms]
        except ValueError as error:
            raise AnsibleLookupError(f"m365.hybrid.federation_service: {error}") from error
