# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Inventory plugin estate: the servers of a hybrid estate, from Active Directory."""

from __future__ import annotations

DOCUMENTATION = r"""
name: estate
short_description: The servers of a hybrid Exchange estate, from Active Directory
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Reads from Active Directory which Exchange servers there are, with roles, version, DAG, site and the support of their build, which domain controllers,
    and which servers synchronise with Entra ID. What leaves no trace there can be named in the file or found with a filter. Tenants in the file
    become hosts, too.
  - Sets the variables with which the hosts are reached, so that playbooks run without any other inventory. They are variables of the groups,
    so C(group_vars) go first.
  - The file's name must end in C(estate.yml) or C(estate.yaml).
  - No password and no other secret becomes a variable. Give those of the hosts in C(group_vars), encrypted with ansible-vault, or on the command line.
  - What cannot be read is an error, and no host is added. By default ansible-core makes a warning of it and goes on with what other sources have; set
    C(any_unparsed_is_failed) in the section C(inventory) of C(ansible.cfg), as AWX does, so that it ends instead.
requirements:
  - ldap3 >= 2.9.1 on the control node; for Kerberos also gssapi, which needs the MIT Kerberos libraries
notes:
  - Groups - C(exchange) with C(exchange_mailbox) and C(exchange_dag_NAME) below it, C(edge), C(adfs), C(directory_sync), C(directory),
    C(exchange_online), C(entra), C(tenant_NAME), C(exchange_unsupported) for builds whose support has ended, and C(exchange_legacy) for servers older
    than Exchange Server 2010, which have no remote PowerShell and no connection variables.
  - Variables of Exchange servers - C(exchange_server) with C(name), C(fqdn), C(version), C(roles), C(site), C(dag) and C(organization);
    C(exchange_build), for example C(15.2.1748.10), which in Active Directory is the cumulative update without any security update;
    C(exchange_support), as P(m365.hybrid.exchange_build#filter) returns it for the day of the run.
  - Variables of domain controllers - C(domain_controller) with C(name), C(fqdn), C(site), C(domain), C(global_catalog) and C(read_only).
    Variables of servers that synchronise - C(directory_sync_server) with C(tenant) and C(account).
  - A machine that is reached in two ways, for example a domain controller that is also a server of Entra Connect, is two hosts, the second
    called after its group, for example C(dc01.contoso.com_directory_sync).
  - Subscribed Edge Transport servers are in the directory; others are given with O(more_hosts). They are in no domain, and have accounts of their own.
  - The variables of O(host), O(user) and the other connection options count at this stage only as extra variables (C(-e)).
  - Only the domain of the server that answers is searched for traces of Entra Connect and AD FS and for O(computers); Exchange servers and domain
    controllers are those of the whole forest.
options:
  plugin:
    description: Says that the file is this plugin's.
    type: str
    required: true
    choices: [m365.hybrid.estate]
  host_names:
    description: Whether hosts are called by their full name or by the part of it before the first dot. They are always reached by the full name.
    type: str
    choices: [fqdn, short]
    default: fqdn
  more_hosts:
    description:
      - Hosts by group, for what the directory does not tell - for example C(adfs), C(directory_sync), C(edge), C(skype). Hosts of any other group are
        reached as Windows hosts. A name without a dot is in the directory's domain.
      - For C(adfs) and C(directory_sync), what is given takes the place of what was found; an empty list means that there is none.
    type: dict
    default: {}
  computers:
    description:
      - LDAP filters by group. The computers of the domain that fit and are not disabled become hosts of the group, for example
        C((memberOf=CN=AD FS servers,OU=Groups,DC=contoso,DC=com)).
    type: dict
    default: {}
  ad_fs_by_service_account:
    description:
      - Whether the computers that may read the password of the group managed service account of AD FS are taken for its servers.
      - It is a guess that may be too wide. A server that left the farm often keeps the right, and other services can use the same account. It finds nothing
        when the service runs under an ordinary account, or when the right was given to C(Domain Computers).
    type: bool
    default: false
  tenants:
    description:
      - Tenants of Microsoft 365 by name, each with the options of its connection without the beginning C(m365_tenant_), for example C(id), C(client_id) and
        C(cloud). Each becomes the hosts C(NAME_exchange_online) and C(NAME_entra), both in the group C(tenant_NAME).
      - The C(id) of the only tenant may be left out where the directory names it, for the registration of computers.
      - Secrets are refused here; they belong in C(group_vars/tenant_NAME).
    type: dict
    default: {}
  warn_unsupported:
    description: Whether there is a warning for Exchange servers that are not known to be supported today.
    type: bool
    default: true
extends_documentation_fragment:
  - m365.hybrid.ldap
  - constructed
  - inventory_cache
seealso:
  - plugin: m365.hybrid.ldap
    plugin_type: connection
"""

EXAMPLES = r"""
# estate.yml
plugin: m365.hybrid.estate
host: [dc01.contoso.com, dc02.contoso.com]
user: svc-ansible@contoso.com
password: "{{ lookup('ansible.builtin.env', 'AD_PASSWORD') }}"
more_hosts:
  adfs: [fs01, fs02]
tenants:
  contoso:
    id: contoso.onmicrosoft.com
    client_id: 11111111-2222-3333-4444-555555555555
    certificate: /etc/ansible/contoso.pem
keyed_groups:
  - key: exchange_server.site
    prefix: site
groups:
  exchange_2019: exchange_support.product == 'Exchange Server 2019'
compose:
  dag: exchange_server.dag
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: ~/.cache/estate
"""

import difflib
import hashlib
import json
import os
import re
import typing as t

from ansible.errors import AnsibleError, AnsibleParserError
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable
from ansible.utils.unsafe_proxy import wrap_var

from ansible_collections.m365.hybrid.plugins.module_utils._core.censor import Censor
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import lifecycle
from ansible_collections.m365.hybrid.plugins.plugin_utils import estate_facts, launching, ldap_options
from ansible_collections.m365.hybrid.plugins.plugin_utils.estate_hosts import Estate, Host, Wishes

try:
    from ansible.template import trust_as_template as _trusted
except ImportError:  # before ansible-core 2.19, whatever is not marked is trusted

    def _trusted(value: str) -> str:
        return value


_ENDINGS = ("estate.yml", "estate.yaml")
_FOR_EVERY_HOST = ("compose", "groups", "keyed_groups")
"""Options whose templates are meant for each host, and not for the file."""
_ABOUT_DIRECTORY = ("port", "encryption", "auth", "ca_cert", "certificate_name")
"""What the connection to each domain controller shares with the one that was read; no secret."""

_TEMPLATE = re.compile(r"[{}]|\A#jinja2:")


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    """The plugin for ansible-core."""

    NAME = "m365.hybrid.estate"

    def verify_file(self, path: str) -> bool:
        return bool(super().verify_file(path)) and path.endswith(_ENDINGS)

    def parse(self, inventory: t.Any, loader: t.Any, path: str, cache: bool = True) -> None:
        super().parse(inventory, loader, path, cache)
        self._read_config_data(path)
        try:
            estate = Estate(self._facts(path, cache), self._wishes(), lifecycle.day(None))
        except HybridError as error:
            hide = Censor(ldap_options.LDAP.secrets(self.get_option))
            raise AnsibleParserError(f"{self.NAME}: {hide.text(str(error))}") from error
        self._fill(estate)

    # the file

    def set_options(self, task_keys: t.Any = None, var_options: t.Any = None, direct: t.Any = None) -> None:
        """The file's options, templated with extra variables.  An option that does not exist is an error: it is misspelt."""
        known = set(self.option_definitions)
        for name in direct or {}:
            if name not in known:
                near = difflib.get_close_matches(str(name), known, 3)
                raise AnsibleParserError(f"{self.NAME} has no option {name}" + (f"; perhaps {' or '.join(near)} is meant" if near else ""))
        super().set_options(task_keys=task_keys, var_options=var_options, direct={name: self._templated(name, one) for name, one in (direct or {}).items()})

    def _templated(self, name: str, value: t.Any) -> t.Any:
        if name in _FOR_EVERY_HOST:
            return value
        self.templar.available_variables = self._vars or {}
        try:
            return self.templar.template(value)
        except AnsibleError as error:
            raise AnsibleParserError(f"{self.NAME}: {name} cannot be templated: {error}") from error

    def _wishes(self) -> Wishes:
        """Raises `UsageError`."""
        hosts = {str(group): names if names is None else _names(f"more_hosts.{group}", names) for group, names in self._dictionary("more_hosts").items()}
        resolved = ldap_options.resolve(self.get_option)
        given = {"port": self.get_option("tcp_port"), "auth": self.get_option("auth")}
        directory = {f"m365_ldap_{key}": given.get(key, resolved[key]) for key in _ABOUT_DIRECTORY}
        directory = {key: value for key, value in directory.items() if value}
        short, readers = self.get_option("host_names") == "short", bool(self.get_option("ad_fs_by_service_account"))
        return Wishes(hosts, self._dictionary("tenants"), directory, short, readers)

    def _dictionary(self, option: str) -> dict[str, t.Any]:
        value = self.get_option(option) or {}
        if not isinstance(value, dict):
            raise UsageError(f"{option} must be a dictionary")
        return value

    # the directory

    def _facts(self, path: str, cache: bool) -> estate_facts.Facts:
        """From the cache if it has them, otherwise from the directory.  Raises `HybridError`."""
        filters = {str(group): str(text) for group, text in self._dictionary("computers").items()}
        keeps = bool(self.get_option("cache"))
        key = f"{self.get_cache_key(path)}_{self._source(filters)}"
        if keeps and cache and key in self._cache:
            return dict(self._cache[key])
        if self.get_option("host") == ["inventory_hostname"]:
            raise UsageError("no domain controller is given", advice="Set host in the file, or M365_LDAP_HOST in the environment")
        session = launching.session(launching.launch("ldap", ldap_options.LDAP, self.get_option, os.getpid()), self.display.display)
        try:
            found = estate_facts.read(session, filters)
        finally:
            session.close()
        if keeps:
            self._cache[key] = found
        return found

    def _source(self, filters: t.Mapping[str, str]) -> str:
        """What a cached answer depends on besides the file's name: another server, or another filter, is another answer."""
        source = [self.get_option("host"), self.get_option("tcp_port"), self.get_option("base"), dict(filters)]
        return hashlib.sha256(json.dumps(source, sort_keys=True, default=str).encode()).hexdigest()[:8]

    # the inventory

    def _fill(self, estate: Estate) -> None:
        for text in [*estate.warnings, *(estate.unsupported if self.get_option("warn_unsupported") else [])]:
            self.display.warning(f"{self.NAME}: {text}")
        called = {group: self._sanitize_group_name(group) for group in estate.groups}
        for group, variables in estate.groups.items():
            self.inventory.add_group(called[group])
            for key, value in variables.items():
                self.inventory.set_variable(called[group], key, _inert(value))
        for above, below in sorted(estate.above):
            self.inventory.add_child(called[above], called[below])
        for name, host in estate.hosts.items():
            self._add_host(name, host, called)

    def _add_host(self, name: str, host: Host, called: t.Mapping[str, str]) -> None:
        self.inventory.add_host(name)
        for group in host.groups:
            self.inventory.add_child(called[group], name)
        for key, value in host.variables.items():
            self.inventory.set_variable(name, key, _inert(value))
        known, strict = self.inventory.get_host(name).get_vars(), self.get_option("strict")
        self._set_composite_vars(self.get_option("compose"), known, name, strict=strict)
        self._add_host_to_composed_groups(self.get_option("groups"), known, name, strict=strict)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), known, name, strict=strict)


def _names(what: str, value: t.Any) -> list[str]:
    names = value.split(",") if isinstance(value, str) else value
    if not isinstance(names, (list, tuple)) or not all(isinstance(one, str) and one.strip() for one in names):
        raise UsageError(f"{what} must be a list of names")
    return [one.strip() for one in names]


def _inert(value: t.Any) -> t.Any:
    """Text from the directory is never a template, whatever somebody wrote there.

    Only what might be one is marked as unsafe: marks show in listings.  ansible-core 2.19 and later mark by themselves what is not trusted.
    """
    if isinstance(value, dict):
        return {key: _inert(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_inert(one) for one in value]
    if not isinstance(value, str):
        return value
    return wrap_var(value) if _TEMPLATE.search(value) else _trusted(value)
