# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the rule of nouns does not know of migration endpoints: types that are switches, a credential of which only the name can be read, and a test."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError, Truncated, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Attribute, Field
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer, Credential, Secret, Session
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import online
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import CmdletModule
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import CmdletResource, Options, common, single

TEST = "Test-MigrationServerAvailability"
SWITCHES = {
    "exchange_remote_move": ("ExchangeRemoteMove",),
    "exchange_outlook_anywhere": ("ExchangeOutlookAnywhere",),
    "imap": ("IMAP",),
    "public_folder": ("PublicFolder",),
    "public_folder_to_unified_group": ("PublicFolderToUnifiedGroup",),
    "pst_import": ("PSTImport",),
    "compliance": ("Compliance",),
    "gmail": ("Gmail",),
}
"""Types of endpoints, and the switches that make them."""
NEW_ONE = "An endpoint of another type is made under a name of its own"
_KEY = values.Codec(values.text, dump=lambda value: str.__str__(value).encode())
FIELDS = (
    Field("type", read="EndpointType", write="", codec=values.choice(tuple(SWITCHES)), immutable=True, instead=NEW_ONE),
    Field("email_address", read=""),
    Field("remote_tenant", read="RemoteTenant", codec="name", immutable=True, instead=NEW_ONE),
    Field("user", read="Username", write="Credentials", codec="name"),
    Field("password", read="CredentialsPassword", write="Credentials", secret=True),
    Field("service_account_key", read="ServiceAccountKey", write="ServiceAccountKeyFileData", secret=True, codec=_KEY),
    *(Field(name, codec="count") for name in ("max_concurrent_migrations", "max_concurrent_incremental_syncs")),
    *(Field(name, codec="name") for name in ("remote_server", "rpc_proxy_server", "exchange_server", "nspi_server", "authentication")),
)
SECRETS = ("password", "service_account_key")
CREATE_WITH = tuple(
    """
    remote_server email_address user password service_account_key max_concurrent_migrations max_concurrent_incremental_syncs
    accept_untrusted_certificates authentication port security mailbox_permission exchange_server rpc_proxy_server nspi_server source_mailbox_legacy_dn
    public_folder_database_server_legacy_dn test_mailbox application_id app_secret_key_vault_url remote_tenant
    """.split()
)
_ONLINE = (
    "Make the endpoint, and change its credential, in the Exchange admin center or with Microsoft's own PowerShell module; without user and password its other "
    "settings are managed here"
)
_REACH = (
    "Check the name of the server, user and password, and that the other side allows moves (for remote moves mrs_proxy_enabled of exchange_virtual_directory, "
    "type ews); skip_verification: true makes the endpoint without trying it"
)


@dataclasses.dataclass(frozen=True)
class _WithSecret(engine.Call):
    """A call whose success is noted: a secret that may not have arrived is sent again, for no look at the endpoint tells."""

    note: t.Callable[[], None]

    def send(self, session: engine.Tally) -> Answer:
        answer = super().send(session)
        self.note()
        return answer


class MigrationEndpoint(CmdletResource):
    """An endpoint.  Secrets go with a new one or with another user, or by themselves where the task says always."""

    facts = ("guid", "active_migration_count")
    needed = ()

    def __init__(self, noun: str, attributes: dict[str, Attribute], key: str | None, create_with: t.Collection[str]) -> None:
        super().__init__(noun, attributes, key, create_with)
        self._sent: set[str] = set()

    def properties(self) -> list[str]:
        return sorted({*super().properties(), "identity"})

    def naming(self, found: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        return {"name": next(values.text(value) for name, value in found.items() if values.fold(name) == "identity")}

    def pinned(self, options: Options, state: plan.State | None) -> Options:
        return options  # an endpoint keeps its name

    def fetch(self, session: Session, options: Options) -> dict[str, t.Any] | None:
        """Out of the list of all: what the service says of an endpoint that is not there is no class of its own."""
        cmdlet = f"Get-{self.noun}"
        answer = session.invoke(cmdlet, common(options), properties=self._needed_properties)
        if answer.truncated:
            raise Truncated(f"the list that should show {self.label(options)} is incomplete", cmdlet=cmdlet, target=session.target)
        wanted = str(options["name"]).casefold()
        return next((one for one in answer.output if self.naming(one)["name"].casefold() == wanted), None)

    def wanted(self, session: Session, options: Options, current: plan.State | None) -> plan.State:
        wanted = super().wanted(session, {name: value for name, value in options.items() if name not in SECRETS}, current)
        if options.get("password") is not None and not wanted.get("user"):
            raise UsageError("password needs user")
        same = current is not None and (current.get("user") or "").casefold() == (wanted.get("user") or "").casefold()
        if wanted.get("user") and not same and options.get("password") is None:
            raise UsageError(f"{self.label(options)} gets the user {wanted['user']}, and password is not given")
        always = options.get("update_password") == "always"
        fresh = str(options["name"]).casefold() not in self._sent
        due = {"password": bool(wanted.get("user")) and not same, "service_account_key": current is None}
        return wanted | {name: Secret(options[name]) for name in SECRETS if options.get(name) is not None and fresh and (always or due[name])}

    def create(self, todo: plan.Plan, options: Options, found: engine.Reading) -> list[engine.Call]:
        if not options.get("type"):
            raise UsageError(f"{self.label(options)} does not exist, and type is needed to create it")
        (call,) = super().create(todo, options, found)
        call.parameters.update(dict.fromkeys(SWITCHES[options["type"]], True))
        if options.get("email_address") and not options.get("remote_server") and options["type"].startswith("exchange_"):
            call.parameters["Autodiscover"] = True
        return [call]

    def calls(self, todo: plan.Plan, options: Options, found: engine.Reading) -> list[engine.Call]:
        made = super().calls(todo, options, found)
        if todo.action == "delete":
            return made
        if options.get("skip_verification"):
            for call in made:
                call.parameters["SkipVerification"] = True
        if not {"user", *SECRETS} & todo.changes.keys():
            return made
        user = options.get("user")
        credential = {"Credentials": Credential(user, Secret(options.get("password") or ""))} if user and {"user", "password"} & todo.changes.keys() else {}
        return [_WithSecret(call.cmdlet, call.parameters | credential, lambda: self._sent.add(str(options["name"]).casefold())) for call in made]

    def permit(self, session: Session, calls: t.Iterable[engine.Call]) -> None:
        listed = list(calls)
        if online.is_online(session) and any(isinstance(value, Credential) for call in listed for value in call.parameters.values()):
            raise UsageError("user, password: credentials are not sent to Exchange Online", target=session.target, advice=_ONLINE)
        super().permit(session, listed)

    def explain(self, error: HybridError, call: engine.Call) -> HybridError:
        found = super().explain(error, call)
        if any(words in found.text for words in ("could not be completed", "couldn't be completed", "Unauthorized", "401", "autodiscover", "MRSProxy")):
            found.advice = _REACH
        return found


@dataclasses.dataclass(frozen=True)
class MigrationEndpointModule(CmdletModule):
    """An endpoint, and on request its test."""

    def execute(self, session: engine.Tally, task: Task) -> Result:
        result = super().execute(session, task)
        if not task.options.get("test"):
            return result
        pending = task.check_mode and result["changed"]  # what would be set is not there to be tested
        return result | {"test": None if pending or not result["resource"] else tested(session, task.options)}


def tested(session: engine.Tally, options: Options) -> dict[str, t.Any]:
    """What the server's own test of the endpoint says."""
    answer = session.invoke(TEST, {"Endpoint": options["name"], "Confirm": False}, properties=("result", "message", "errordetail"))
    found = single(answer, TEST, session.target, f"the test of endpoint '{options['name']}'")
    shown = {values.fold(name): value for name, value in found.items()}
    outcome = values.text(shown.get("result"))
    return {"passed": outcome.casefold() == "success", "result": outcome, "message": shown.get("message"), "error_detail": shown.get("errordetail")}
