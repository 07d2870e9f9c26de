# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A session in this process: the lab's emulated product without its wire, its answers as the wire would deliver them."""

from __future__ import annotations

import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core.endpoints import ENDPOINTS
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Module
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer, Credential, Secret
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import IN_THE_CLOUD
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires import classify, plain
from hybridlab import clixml, records
from hybridlab.exchange import Exchange, windows
from hybridlab.exchange.edge import Edge
from hybridlab.faults import Faults
from hybridlab.skype import Skype
from hybridlab.skype.accounts import ExchangeAccounts
from hybridlab.sync.session import Session
from hybridlab.wire.pipeline import selected

Emulated = Exchange | windows.Session | Skype | Session


def product_for(module: Module, version: str = "2019", faults: Faults | None = None) -> Exchange | windows.Session | Skype:
    """What a module is meant for: an organization, on-premises or in the cloud, a session on one of its Edge Transport servers, or a Skype pool."""
    if module.wires == IN_THE_CLOUD:
        return Exchange(version="online", faults=faults)
    if ("powershell", "exchange") in module.wires:
        return Exchange(version=version, faults=faults)
    if ("powershell", "skype") in module.wires:
        return Skype(ExchangeAccounts(Exchange(version="2019")), faults=faults)
    session = Edge(version, faults=faults).session()
    for name in ENDPOINTS["edge"].snapins[-1:]:  # every version has the last one
        list(session.invoke("Add-PSSnapin", {"Name": name}))
    return session


class FakeSession:
    """Implements `_core.session.Session` on an emulated Exchange organization, a session of an Edge Transport server, or a Skype deployment."""

    wire = "powershell"

    def __init__(self, product: Emulated) -> None:
        self.product = product
        self.endpoint = endpoint(product)
        self.target = f"{self.endpoint} on {product.name}"

    def invoke(self, cmdlet: str, parameters: t.Mapping[str, t.Any] | None = None, *, properties: t.Collection[str] | None = None) -> Answer:
        output: list[t.Any] = []
        warnings: list[str] = []
        failures: list[records.ErrorRecord] = []
        convert = plain.Converter(properties).convert
        try:
            for record in self.product.invoke(cmdlet, {name: sent(value) for name, value in (parameters or {}).items()}):
                if isinstance(record, records.Output):
                    on_server = cmdlet.lower() in plain.SELECTED and properties is not None and isinstance(record.value, clixml.Obj)
                    output.append(convert(clixml.dumps(selected(record.value, sorted(properties or ())) if on_server else record.value)))
                elif isinstance(record, records.Warned):
                    warnings.append(record.text)
                else:
                    failures.append(record)
        except records.Terminating as stop:
            failures.append(stop.record)
        if failures:
            raise classify.first_of([failure(one) for one in failures], cmdlet=cmdlet, target=self.target)
        return Answer(output, [text for text in warnings if not classify.truncates(text)], any(map(classify.truncates, warnings)))


def endpoint(product: Emulated) -> str:
    if isinstance(product, Exchange):
        return "exchange_online" if product.name == "exchange-online" else "exchange"
    return "skype" if isinstance(product, Skype) else "windows" if isinstance(product, Session) else "edge"


def failure(record: records.ErrorRecord) -> classify.Failure:
    return classify.Failure(record.message, record.error_id, record.category, record.exception_type)


def sent(value: t.Any) -> t.Any:
    """A parameter as the lab's wire would hand it to the product."""
    if isinstance(value, Secret):
        return records.SecureString(value)
    if isinstance(value, Credential):
        return records.Credential(value.user, records.SecureString(value.password))
    if isinstance(value, dict):
        return {name: sent(one) for name, one in value.items()}
    return [sent(one) for one in value] if isinstance(value, list) else value
