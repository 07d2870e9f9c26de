# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Information Rights Management: the one configuration of the organisation, and its test.

Modifying InternalLicensingEnabled asks for confirmation, to which -Force is the answer (Microsoft's reference of Set-IRMConfiguration).
"""

from __future__ import annotations

import re
import typing as t

from hybridlab.clixml import Obj
from hybridlab.contract import refusals
from hybridlab.contract.check import ONLINE
from hybridlab.exchange import failures
from hybridlab.exchange.call import Call, Handler, commit
from hybridlab.exchange.configured import Sort, Values
from hybridlab.exchange.directory import CONFIGURATION_DN, Entry, Store, derived_guid
from hybridlab.exchange.mailbox_table import table
from hybridlab.exchange.mailbox_view import exists
from hybridlab.exchange.settings import merge, recipient
from hybridlab.exchange.shapes import shaped
from hybridlab.records import Output, Record

NAME = "ControlPoint Configuration"
ROWS = table("""
AutomaticServiceUpdateEnabled              bool   true
AzureRMSLicensingEnabled                   bool   false
ClientAccessServerEnabled                  bool   true
DecryptAttachmentForEncryptOnly            bool   false
EDiscoverySuperUserEnabled                 bool   true
EnablePdfEncryption                        bool   false
EnablePortalTrackingLogs                   bool   false
ExternalLicensingEnabled                   bool   false
InternalLicensingEnabled                   bool   false
JournalReportDecryptionEnabled             bool   true
LicensingLocation                          texts
RejectIfRecipientHasNoRights               bool   false
RMSOnlineKeySharingLocation                text?  -
SearchEnabled                              bool   true
SimplifiedClientAccessDoNotForwardDisabled bool   false
SimplifiedClientAccessEnabled              bool   false
SimplifiedClientAccessEncryptOnlyDisabled  bool   false
TransportDecryptionSetting                 enum   Optional:Disabled,Optional,Mandatory
""")
_SHOWN_TOO = ("AzureRMSLicensingEnabled", "RMSOnlineKeySharingLocation", "SimplifiedClientAccessEnabled")
"""What servers show, too, although only Exchange Online sets it."""


class IrmConfigurations(Sort):
    noun = "IRMConfiguration"
    parent = f"CN=Transport Settings,{CONFIGURATION_DN}"
    rows = ROWS
    captured = "Microsoft.Exchange.Data.Directory.SystemConfiguration.IRMConfiguration"

    def handlers(self) -> dict[str, Handler]:
        return {"Get-IRMConfiguration": self.get, "Set-IRMConfiguration": self.set, "Test-IRMConfiguration": test}

    def seed(self, store: Store) -> None:
        store.add(self.entry(NAME, derived_guid("irm", NAME)))

    def view(self, call: Call, entry: Entry) -> Obj:
        shown = shaped(self.captured, entry)
        more = {name: entry.values[name] for name in ROWS if name not in shown.props and exists(call.contract, "Set-IRMConfiguration", name)}
        hidden = [name for name in ROWS if name not in _SHOWN_TOO and not exists(call.contract, "Set-IRMConfiguration", name)]
        return Obj(shown.types, {name: value for name, value in {**shown.props, **more}.items() if name not in hidden}, string=NAME)

    def special(self, call: Call, settings: Values, entry: Entry | None) -> Values:
        settings.pop("RefreshServerCertificates", None)
        if "InternalLicensingEnabled" in settings and not call.parameters.get("Force") and not call.what_if:
            raise refusals.no_host(call.cmdlet, "Are you sure you want to modify InternalLicensingEnabled?")
        found: Values = {}
        if "LicensingLocation" in settings and entry is not None:
            found["LicensingLocation"] = merge(entry.values["LicensingLocation"], settings.pop("LicensingLocation"), _location)
        if settings.get("RMSOnlineKeySharingLocation"):
            found["RMSOnlineKeySharingLocation"] = _location(settings.pop("RMSOnlineKeySharingLocation"))
        return found

    def set(self, call: Call) -> t.Iterable[Record]:
        (entry,) = self.store(call)
        settings = dict(call.settings)
        changes = self.special(call, settings, entry)
        changes |= {key: self.value(call, key, value, entry) for key, value in settings.items()}
        return commit(call, self.store(call), entry, changes)


SORT = IrmConfigurations()


def _location(url: t.Any) -> str:
    """Raises `failures.Refused`."""
    if not re.fullmatch(r"https?://[^\s/]+(/\S*)?", str(url)):
        raise failures.invalid(f"The value '{url}' isn't an absolute URI of an RMS server.")
    return str(url)


def test(call: Call) -> t.Iterable[Record]:
    """What the cmdlet prints, step by step; a sender that the organisation does not have is refused."""
    sender = recipient(call.server.recipients, call.parameters["Sender"], "senders")
    (entry,) = call.server.objects["IRMConfiguration"]
    kept = entry.values
    online = call.contract.version == ONLINE
    works = not online or kept["AzureRMSLicensingEnabled"] or bool(kept["LicensingLocation"])
    steps = [f"Checking organization context ...\n    - PASS: Organization context checked; running as {'tenant' if online else 'enterprise'} administrator."]
    steps.append(
        f"Loading IRM configuration ...\n    - PASS: IRM configuration loaded successfully; sender {sender.values.get('PrimarySmtpAddress') or sender.name}."
    )
    if works:
        steps.append("Acquiring RMS Templates ...\n    - PASS: RMS Templates acquired.")
    else:
        steps.append("Acquiring RMS Templates ...\n    - FAIL: Failed to acquire RMS templates. No RMS licensing location is configured.")
    off = [name for name in ("InternalLicensingEnabled", "JournalReportDecryptionEnabled", "SearchEnabled") if not kept[name]]
    steps.extend(f"Checking {name} ...\n    - WARNING: {name} is disabled." for name in off)
    overall = "FAIL" if not works else "PASS with warnings on disabled features" if off else "PASS"
    text = "\n".join(f"{step}" for step in steps) + f"\n\nOVERALL RESULT: {overall}\n"
    return [Output(Obj(("Microsoft.Exchange.Management.SystemConfigurationTasks.IRMConfigurationValidationResult", "System.Object"), {"Results": text}))]
