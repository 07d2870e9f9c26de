# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The hybrid configuration, as the wizard left it.  An organisation where the wizard never ran has none, and Get-HybridConfiguration says nothing then.

The shape is that of the captured objects that CSS-Exchange publishes: servers and domains are objects of their own, features are enumerators.
"""

from __future__ import annotations

from hybridlab.clixml import Enum, MultiValued, Obj, ValueObj
from hybridlab.exchange.call import Call, Handler
from hybridlab.exchange.configured import Sort
from hybridlab.exchange.directory import CONFIGURATION_DN, Entry, Store, derived_guid
from hybridlab.exchange.mailbox_table import table
from hybridlab.exchange.shapes import AD_OBJECT_ID, CONFIGURATION_TYPES, configuration_identification

NAME = "Hybrid Configuration"
# Numbers of the enumeration HybridFeature.
FEATURES = {
    "FreeBusy": 0,
    "MoveMailbox": 1,
    "Mailtips": 2,
    "MessageTracking": 3,
    "OwaRedirection": 4,
    "OnlineArchive": 5,
    "SecureMail": 6,
    "CentralizedTransport": 7,
    "Photos": 8,
}
ROWS = table("""
Domains                    =texts  contoso.com
Features                   =texts
ClientAccessServers        =texts
EdgeTransportServers       =texts
ReceivingTransportServers  =texts  EX01
SendingTransportServers    =texts  EX01
ExternalIPAddresses        =texts
OnPremisesSmartHost        =text?  mail.contoso.com
TlsCertificateName         =text?  -
""")
_SERVERS = ("ClientAccessServers", "EdgeTransportServers", "ReceivingTransportServers", "SendingTransportServers")
_DATA = "Microsoft.Exchange.Data"
_DOMAIN = (f"{_DATA}.AutoDiscoverSmtpDomain", f"{_DATA}.SmtpDomain", "System.Object")
_ENUMERATED = ("HybridFeature", "System.Enum", "System.ValueType", "System.Object")


class HybridConfigurations(Sort):
    noun = "HybridConfiguration"
    parent = f"CN={NAME},{CONFIGURATION_DN}"
    rows = ROWS
    types = ("Microsoft.Exchange.Data.Directory.SystemConfiguration.HybridConfiguration",)

    def handlers(self) -> dict[str, Handler]:
        return {"Get-HybridConfiguration": self.get}

    def seed(self, store: Store) -> None:
        features, certificate = [name for name in FEATURES if name != "CentralizedTransport"], "<I>CN=Contoso CA<S>CN=mail.contoso.com"
        store.add(self.entry(NAME, derived_guid("hybrid", NAME), Features=features, TlsCertificateName=certificate))

    def view(self, call: Call, entry: Entry) -> Obj:
        kept = entry.values
        shown = {
            **{name: MultiValued([ValueObj(AD_OBJECT_ID, one) for one in kept[name]]) for name in _SERVERS},
            "OnPremisesSmartHost": kept["OnPremisesSmartHost"] and ValueObj((f"{_DATA}.SmtpDomain", "System.Object"), kept["OnPremisesSmartHost"]),
            "Domains": MultiValued([Obj(_DOMAIN, {"AutoDiscover": False, "Domain": one}, string=one) for one in kept["Domains"]]),
            "Features": MultiValued([Enum(_ENUMERATED, FEATURES[one], one) for one in kept["Features"]]),
            "ExternalIPAddresses": MultiValued(kept["ExternalIPAddresses"]),
            "TlsCertificateName": kept["TlsCertificateName"] and ValueObj((f"{_DATA}.SmtpX509Identifier", "System.Object"), kept["TlsCertificateName"]),
            "ServiceInstance": 0,
        }
        return Obj((*self.types, *CONFIGURATION_TYPES), shown | configuration_identification(entry), string=NAME)


SORT = HybridConfigurations()
