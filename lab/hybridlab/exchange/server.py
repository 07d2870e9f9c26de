# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Exchange Server as a product behind an endpoint: contract, dispatch, log."""

from __future__ import annotations

import secrets
import threading
import typing as t
import uuid

from hybridlab.ad import exchange_configuration
from hybridlab.ad.forest import Forest
from hybridlab.clixml import Obj
from hybridlab.contract.check import ONLINE, Bound, Contract
from hybridlab.exchange import (
    ad_permissions,
    admin_audit,
    audit_log,
    authority,
    auto_reply,
    calendar_folders,
    calendar_processing,
    certificates,
    client_access,
    component_states,
    database_copies,
    domains,
    failures,
    folders,
    groups,
    health,
    junk_email,
    mailbox_create,
    mailbox_permissions,
    mailbox_read,
    mailbox_write,
    migration_batches,
    migrations,
    move_requests,
    moves,
    organization,
    places,
    public_folders,
    receive_connectors,
    recipient_create,
    recipient_permissions,
    recipient_write,
    recipients,
    role_groups,
    roles,
    seed,
    servers,
    sorts,
    stores,
)
from hybridlab.exchange.ad_recipients import Recipients
from hybridlab.exchange.call import EDGE_ONLY, Call, Handler, edge_only
from hybridlab.exchange.directory import DOMAIN, Entry, Store, configuration_keys, recipient_keys
from hybridlab.faults import Faults
from hybridlab.records import PLAIN_SECRETS, Credential, ErrorRecord, Output, Record, SecureString, Terminating, Warned

# Builds of the last cumulative update of each version, as AdminDisplayVersion prints them (facts/exchange_builds.json).
BUILDS = {
    "2010": "Version 14.3 (Build 123.4)",
    "2013": "Version 15.0 (Build 1497.2)",
    "2016": "Version 15.1 (Build 2507.6)",
    "2019": "Version 15.2 (Build 1748.10)",
    "SE": "Version 15.2 (Build 2562.17)",
    ONLINE: "Version 15.20 (Build 9320.17)",
}
HANDLERS: dict[str, Handler] = {
    "Get-RemoteDomain": domains.get_remote_domain,
    "New-RemoteDomain": domains.new_remote_domain,
    "Set-RemoteDomain": domains.set_remote_domain,
    "Remove-RemoteDomain": domains.remove_remote_domain,
    "Get-AcceptedDomain": domains.get_accepted_domain,
    "New-AcceptedDomain": domains.new_accepted_domain,
    "Set-AcceptedDomain": domains.set_accepted_domain,
    "Remove-AcceptedDomain": domains.remove_accepted_domain,
    "Get-Mailbox": mailbox_read.get_mailbox,
    "Set-Mailbox": mailbox_write.set_mailbox,
    "New-Mailbox": mailbox_create.new_mailbox,
    "Enable-Mailbox": mailbox_create.enable_mailbox,
    "Disable-Mailbox": mailbox_create.disable_mailbox,
    "Remove-Mailbox": mailbox_create.remove_mailbox,
    "Get-OrganizationConfig": organization.get_organization_config,
    "Set-OrganizationConfig": organization.set_organization_config,
    "Set-ADServerSettings": organization.set_ad_server_settings,
    **recipients.HANDLERS,
    **recipient_write.HANDLERS,
    **recipient_create.HANDLERS,
    **groups.HANDLERS,
    **ad_permissions.HANDLERS,
    **recipient_permissions.HANDLERS,
    **folders.HANDLERS,
    **mailbox_permissions.HANDLERS,
    **client_access.HANDLERS,
    **auto_reply.HANDLERS,
    **calendar_processing.HANDLERS,
    **calendar_folders.HANDLERS,
    **junk_email.HANDLERS,
    **sorts.HANDLERS,
    **stores.HANDLERS,
    **migrations.HANDLERS,
    **migration_batches.HANDLERS,
    **public_folders.HANDLERS,
    **dict.fromkeys(EDGE_ONLY, edge_only),
    **roles.HANDLERS,
    **role_groups.HANDLERS,
    **places.HANDLERS,
    **audit_log.HANDLERS,
    **database_copies.HANDLERS,
    **health.HANDLERS,
    **component_states.HANDLERS,
    **move_requests.HANDLERS,
    **admin_audit.HANDLERS,
    **certificates.HANDLERS,
}
_READING = ("Get-", "Invoke-MonitoringProbe", "Set-ADServerSettings")


class Exchange:
    """An organisation with one server of the given version; satisfies `hybridlab.records.Product`.

    ``version`` is 2010, 2013, 2016, 2019, se or online; ``mailboxes`` is the number of ordinary user mailboxes, ``user0`` and so on.
    ``calls`` lists every call as (cmdlet, parameters) with secrets masked, refused ones included.  ``settled`` is called when a cmdlet has
    changed what it changes, still under ``lock``.  ``soft_deleted`` gives the mailboxes of deleted users, where there are users.
    """

    def __init__(self, version: str = "2019", mailboxes: int = 5, faults: Faults | None = None, forest: Forest | None = None) -> None:
        self.contract = Contract(ONLINE if version == "online" else version.upper())
        self.name = f"exchange-{version.lower()}"
        self.build = BUILDS[self.contract.version]
        self.faults = faults or Faults()
        self.calls: list[tuple[str, dict[str, t.Any]]] = []
        self.soft_deleted: t.Callable[[], list[Entry]] = list
        self.forest = None if self.contract.version == ONLINE else forest or Forest({"administrator": secrets.token_urlsafe(18)})
        self.lock = threading.RLock() if self.forest is None else self.forest.directory.lock
        self.settled: t.Callable[[], None] = lambda: None
        self.recipients = Store(recipient_keys) if self.forest is None else self._installed(self.forest)
        self.accepted_domains = Store(configuration_keys)
        self.remote_domains = Store(configuration_keys)
        self.public_folders = public_folders.PublicFolders()
        self.configuration = Store(configuration_keys)
        self.organization = organization.organization_entry()
        self.configuration.add(self.organization)
        self.objects = sorts.stores()
        self.servers = self.objects["ExchangeServer"]
        self.databases = self.objects["MailboxDatabase"]
        self.certificates = certificates.seeded(one.name for one in self.servers)
        with_public_folders = self.contract.has("New-Mailbox", "PublicFolder")
        seed.fill(self.recipients, self.accepted_domains, self.remote_domains, mailboxes, with_public_folders, self.contract.version == ONLINE)
        self.authorization = role_groups.seeded(self.recipients, self.contract.version)
        if self.contract.version == ONLINE:
            authority.seed(self.recipients)
        for entry in self.recipients if self.contract.version == ONLINE else ():
            entry.values["EmailAddressPolicyEnabled"] = False
        self.stores = stores.seeded(self.recipients)
        self.migrations = migrations.seeded()
        self.audit_log = audit_log.seeded()
        self.health = health.Health()
        self.components = component_states.Wishes()
        self.moves = moves.Moves()
        self.admin_audit = admin_audit.AdminAudit()

    def _installed(self, forest: Forest) -> Recipients:
        """What setup does to a forest, and the recipients in it."""
        version = self.contract.version.lower()
        exchange_configuration.install(forest, version, self.build)
        for dn in seed.CONTAINERS.values():
            forest.path(dn)
        return Recipients(forest, exchange_configuration.LEVELS[version].version)

    @property
    def default_domain(self) -> str:
        """What is behind the alias in the user principal name of an account for which none is given."""
        return next((entry.values["DomainName"] for entry in self.accepted_domains if entry.values["Default"]), DOMAIN)

    @property
    def hierarchy(self) -> Entry | None:
        """The primary public-folder mailbox."""
        return next((entry for entry in self.recipients if entry.values.get("IsRootPublicFolderMailbox")), None)

    @property
    def writes(self) -> list[tuple[str, dict[str, t.Any]]]:
        """The calls that are no reads and had no -WhatIf."""
        return [(cmdlet, given) for cmdlet, given in self.calls if not cmdlet.lower().startswith(tuple(map(str.lower, _READING))) and not given.get("WhatIf")]

    def container(self, identity: str) -> tuple[str, str]:
        """Canonical name and distinguished name of an organisational unit.  Raises `failures.Refused`."""
        for name, dn in seed.CONTAINERS.items():
            if str(identity).lower() in (name.lower(), dn.lower(), f"{DOMAIN}/{name}".lower()):
                return f"{DOMAIN}/{name}", dn
        found = self.recipients.container(str(identity))
        if found is not None:
            return found
        raise failures.reference_not_found("organizational unit", identity)

    def change(self, order: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        """What no cmdlet makes, by what the order is about; see the `change` of `servers`, `database_copies`, `receive_connectors`, `Health` and `Moves`."""
        about = {
            "moves": self.moves.change,
            "health_of": self.health.change,
            "receive_connector": receive_connectors.change,
            "database": database_copies.change,
        }
        with self.lock:
            return next((about[name] for name in about if name in order), servers.change)(self, order)

    def invoke(self, cmdlet: str, parameters: dict[str, t.Any]) -> t.Iterator[Record]:
        """Run one cmdlet.  Raises `Terminating`; other failures are records in the error stream."""
        self.calls.append((cmdlet, {name: masked(SecureString(str(value)) if name.lower() in PLAIN_SECRETS else value) for name, value in parameters.items()}))
        bound = self.contract.bind(cmdlet, parameters)
        handler = HANDLERS[bound.cmdlet]
        for record in self._run(handler, Call(self, bound.cmdlet, bound.parameters, bound.what_if)):
            kept = preferred(bound, record)
            if kept is not None:
                yield kept

    def _run(self, handler: Handler, call: Call) -> t.Iterator[Record]:
        try:
            if self.faults.take("access-denied", call.cmdlet):
                raise failures.access_denied()
            if self.contract.version == ONLINE:
                authority.check(call)
            if call.cmdlet.startswith("Get-"):
                with self.lock:
                    records = handler(call)
                yield from records
            else:
                with self.lock:
                    before = self._state(call)
                    done = list(handler(call))
                    self._noted(call, changed=admin_audit.difference(before, self._state(call) if before else {}))
                    self.settled()
                yield from done
        except failures.Refused as refused:
            self._noted(call, refused.text)
            yield refused.record(call.cmdlet)

    def _noted(self, call: Call, error: str | None = None, changed: tuple[tuple[str, str, str], ...] = ()) -> None:
        """Write a call into the logs: the organisation's own, and the tenant's where there is one."""
        self.admin_audit.keep(call, error, changed)
        if self.contract.version == ONLINE:
            self.audit_log.keep(call, error)

    def _state(self, call: Call) -> dict[str, t.Any]:
        """What an object that is about to be set looks like: at log level Verbose the audit log wants to know."""
        name = call.cmdlet.replace("Set-", "Get-", 1)
        if not call.cmdlet.startswith("Set-") or name not in HANDLERS or self.admin_audit.settings["LogLevel"] != "Verbose":
            return {}
        try:
            found = list(HANDLERS[name](Call(self, name, {"Identity": call.identity} if call.identity is not None else {}, False)))
        except failures.Refused:  # the call itself says what is wrong
            return {}
        return next((dict(one.value.props) for one in found if isinstance(one, Output) and isinstance(one.value, Obj)), {})


def masked(value: t.Any) -> t.Any:
    """A parameter value for the log."""
    if isinstance(value, (SecureString, Credential)):
        return {"$any": True}
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, dict):
        return {name: masked(item) for name, item in value.items()}
    return [masked(item) for item in value] if isinstance(value, list) else value


def preferred(bound: Bound, record: Record) -> Record | None:
    """The common parameters ErrorAction and WarningAction."""
    if isinstance(record, Output):
        return record
    name = "WarningAction" if isinstance(record, Warned) else "ErrorAction"
    action = str(bound.common.get(name, "Continue")).lower()
    if action in ("silentlycontinue", "ignore"):
        return None
    if action == "stop":
        raise Terminating(record if isinstance(record, ErrorRecord) else _stopped(bound.cmdlet, record.text))
    return record


def _stopped(cmdlet: str, text: str) -> ErrorRecord:
    message = f'The running command stopped because the preference variable "WarningPreference" or common parameter is set to Stop: {text}'
    kind = "System.Management.Automation.ActionPreferenceStopException"
    return ErrorRecord(message, kind, f"ActionPreferenceStop,{cmdlet}", "OperationStopped", activity=cmdlet)
