# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the Hybrid Configuration wizard keeps in the organization, and the objects that mail and sharing between both halves go through.

Sources: Microsoft's reference of Get-HybridConfiguration, and captured objects that CSS-Exchange publishes.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError, NotFound, Truncated
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Module, Result, Task
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.info import Column, rows
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import ON_PREMISES
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import common, names_controller, single

CMDLET = "Get-HybridConfiguration"
_CLOUD = ".onmicrosoft.com"
_NAMED_BY = ("domain", "name", "distinguishedname")
"""Properties that a member of a list has its readable name in, where it arrives as an object of its own."""


def named(value: t.Any) -> str:
    """A member of a list of servers, domains or features: the name, in whichever form the server sends the member."""
    if isinstance(value, t.Mapping):
        folded = {values.fold(str(name)): one for name, one in value.items()}
        value = next((folded[name] for name in _NAMED_BY if folded.get(name)), None)
    return values.text(value)


def texts(value: t.Any) -> list[str]:
    return [named(one) for one in value or ()]


def optional(value: t.Any) -> str | None:
    return named(value) or None


def words(value: t.Any) -> list[str]:
    return [values.snake(named(one)) for one in value or ()]


_TEXT, _TEXTS = values.Codec(optional), values.Codec(texts)
_BOOL, _WORD = values.CODECS["bool"], values.Codec(lambda value: values.snake(optional(value) or "") or None)


def _columns(table: t.Mapping[str, values.Codec]) -> list[Column]:
    return [Column(name, values.fold(name), codec) for name, codec in table.items()]


CONFIGURATION = _columns(
    {
        "domains": _TEXTS,
        "features": values.Codec(words),
        "on_premises_smart_host": _TEXT,
        "tls_certificate_name": _TEXT,
        "client_access_servers": _TEXTS,
        "edge_transport_servers": _TEXTS,
        "receiving_transport_servers": _TEXTS,
        "sending_transport_servers": _TEXTS,
        "external_ip_addresses": _TEXTS,
    }
)


@dataclasses.dataclass(frozen=True)
class Kind:
    """Objects that belong to a hybrid organization: their noun, what is returned of them, and how they are told from others of the noun."""

    noun: str
    columns: list[Column]
    belongs: t.Callable[[dict[str, t.Any]], bool]
    per_server: bool = False


def leads_to_the_cloud(found: t.Mapping[str, t.Any]) -> bool:
    """A relationship with the Exchange Online organization: it is for the tenant's routing domain, or signed in to as Exchange Online."""
    of_tenant = any(one.casefold().endswith(_CLOUD) for one in found["domain_names"])
    return of_tenant or str(found["target_application_uri"] or "").casefold().rstrip("/") == "outlook.com"


def accepts_cloud_mail(found: t.Mapping[str, t.Any]) -> bool:
    return any("acceptcloudservicesmail" in one.casefold() for one in found["tls_domain_capabilities"])


KINDS: dict[str, Kind] = {
    "organization_relationships": Kind(
        "OrganizationRelationship",
        _columns(
            {
                "name": _TEXT,
                "enabled": _BOOL,
                "domain_names": _TEXTS,
                "free_busy_access_enabled": _BOOL,
                "free_busy_access_level": _WORD,
                "mailbox_move_enabled": _BOOL,
                "delivery_report_enabled": _BOOL,
                "mail_tips_access_enabled": _BOOL,
                "target_application_uri": _TEXT,
                "target_autodiscover_epr": _TEXT,
                "target_owa_url": _TEXT,
                "target_sharing_epr": _TEXT,
            }
        ),
        leads_to_the_cloud,
    ),
    "send_connectors": Kind(
        "SendConnector",
        _columns(
            {
                "name": _TEXT,
                "enabled": _BOOL,
                "address_spaces": _TEXTS,
                "source_transport_servers": _TEXTS,
                "fqdn": _TEXT,
                "require_tls": _BOOL,
                "tls_auth_level": _WORD,
                "tls_domain": _TEXT,
                "tls_certificate_name": _TEXT,
                "cloud_services_mail_enabled": _BOOL,
            }
        ),
        lambda found: found["cloud_services_mail_enabled"] is True,
    ),
    "receive_connectors": Kind(
        "ReceiveConnector",
        _columns(
            {
                "name": _TEXT,
                "server": _TEXT,
                "enabled": _BOOL,
                "bindings": _TEXTS,
                "fqdn": _TEXT,
                "tls_certificate_name": _TEXT,
                "tls_domain_capabilities": _TEXTS,
            }
        ),
        accepts_cloud_mail,
        per_server=True,
    ),
    "remote_domains": Kind(
        "RemoteDomain",
        _columns({"name": _TEXT, "domain_name": _TEXT, "target_delivery_domain": _BOOL, "is_internal": _BOOL, "trusted_mail_inbound_enabled": _BOOL}),
        lambda found: str(found["domain_name"] or "").casefold().endswith(_CLOUD),
    ),
}


@dataclasses.dataclass(frozen=True)
class HybridConfigurationInfo(Module):
    """The configuration, and with it what belongs to it."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "wires", self.wires or ON_PREMISES)

    def execute(self, session: engine.Tally, task: Task) -> Result:
        asked = common(task.options)
        found = read(session, asked)
        related = {name: self._related(session, KINDS[name], asked, found or {}) for name in task.options["include"]}
        return {"configured": found is not None, "configuration": found or {}, **related}

    def _related(self, session: engine.Tally, kind: Kind, asked: dict[str, t.Any], found: t.Mapping[str, t.Any]) -> list[dict[str, t.Any]]:
        servers = [{"Server": one} for one in found.get("receiving_transport_servers", ())] if kind.per_server else [{}]
        return [one for server in servers for one in listed(session, kind, asked | server) if kind.belongs(one)]


def read(session: engine.Tally, asked: dict[str, t.Any]) -> dict[str, t.Any] | None:
    """The configuration; None where the wizard has not run.  Raises HybridError."""
    try:
        answer = session.invoke(CMDLET, asked, properties=[column.read for column in CONFIGURATION])
    except NotFound as error:
        if names_controller(error, asked.get("DomainController")):
            raise
        return None
    if not answer.output and not answer.truncated:
        return None
    return _row(single(answer, CMDLET, session.target, "the hybrid configuration"), CONFIGURATION)


def _row(found: t.Mapping[str, t.Any], columns: t.Iterable[Column]) -> dict[str, t.Any]:
    """The properties that this version of the server has."""
    folded = {values.fold(name): value for name, value in found.items()}
    return {column.key: column.codec.load(folded[column.read]) for column in columns if column.codec and column.read in folded}


def listed(session: engine.Tally, kind: Kind, asked: dict[str, t.Any]) -> list[dict[str, t.Any]]:
    """All objects of the kind.  Raises Truncated."""
    cmdlet = f"Get-{kind.noun}"
    answer = session.invoke(cmdlet, asked, properties=[column.read for column in kind.columns])
    if answer.truncated:
        raise Truncated(f"the server returned {len(answer.output)} objects and has more", cmdlet=cmdlet, target=session.target)
    if not all(isinstance(one, dict) for one in answer.output):
        raise HybridError("an object of the list cannot be understood", cmdlet=cmdlet, target=session.target)
    return rows(answer, kind.columns, session.target)
