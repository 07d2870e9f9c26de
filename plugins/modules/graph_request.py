#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: graph_request
short_description: Make one request to Microsoft Graph
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Makes any request that Microsoft Graph offers, for what no module of this collection does yet.
  - Names and query options are given apart from the path and are percent-encoded, so no value has to be quoted and none can leave its place.
  - A list is returned as a whole, all pages of it. Throttled requests wait and are sent again.
  - A GET request reports no change, any other one a change; use C(changed_when) where you know better, as with a POST that only asks.
options:
  method:
    description: The method of the request.
    type: str
    choices: [GET, POST, PATCH, PUT, DELETE]
    default: GET
  path:
    description: >-
      The path with its version, for example V(/v1.0/users/{}/manager). What varies is written C({}) and given in O(names). Without host and query.
    type: str
    required: true
  names:
    description: What is put in for each C({}) of O(path), in order.
    type: list
    elements: str
  query:
    description: Query options, with or without the dollar, for example C(filter), C(select), C(top). A list is written with commas.
    type: dict
  body:
    description: The body, a dictionary or a list. Numbers, truth values and nulls keep their type.
    type: raw
  secret_body:
    description: What of the body is secret, for example a password. It is put into O(body), and no output shows its values.
    type: dict
  eventual:
    description: >-
      Whether this is an advanced query, which the directory answers from copies that may lag behind (header C(ConsistencyLevel)). Such a filter needs the query
      option C(count) as V(true), too.
    type: bool
    default: false
extends_documentation_fragment:
  - m365.hybrid.free_request
notes:
  - What the service answers is returned as it is. Where it answers with a secret, such as a new password of an application, set C(no_log) on the task.
seealso:
  - module: m365.hybrid.entra_user
"""

EXAMPLES = r"""
- name: Who is in Engineering?
  m365.hybrid.graph_request:
    path: /v1.0/users
    query:
      filter: department eq 'Engineering'
      select: [id, displayName]
  register: engineers

- name: A user's office
  m365.hybrid.graph_request:
    method: PATCH
    path: /v1.0/users/{}
    names: [ada@contoso.com]
    body:
      officeLocation: B 12

- name: A user who has to change the password
  m365.hybrid.graph_request:
    method: PATCH
    path: /v1.0/users/{}
    names: [grace@contoso.com]
    body:
      passwordProfile:
        forceChangePasswordNextSignIn: true
    secret_body:
      passwordProfile:
        password: "{{ vault_initial_password_2026 }}"
"""

RETURN = r"""
output:
  description: What the service answered, one element per object; nothing where it answers without a body.
  returned: success
  type: list
  elements: raw
  sample: [{id: 1f0e2a55-50a4-5d7e-9a51-6a3a9c1d7b20, displayName: Ada Lovelace}]
warnings:
  description: What the service warned of.
  returned: when there are any
  type: list
  elements: str
calls:
  description: How often each request was made.
  returned: with -v
  type: dict
  sample: {"GET /v1.0/users": 1}
error:
  description: What the service said, in parts.
  returned: failure
  type: dict
  sample: {class: NotFound, cmdlet: "GET /v1.0/users/{}", target: Microsoft Graph for contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._entra.free import FreeRequest
from ansible_collections.m365.hybrid.plugins.module_utils._entra.module import GRAPH

MODULE = FreeRequest(DOCUMENTATION, wires=GRAPH, secrets=("secret_body",))


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
