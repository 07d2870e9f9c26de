# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a certificate is used for.  Exchange itself refuses to remove only the default SMTP certificate and, in later updates, those of send connectors."""

from __future__ import annotations

import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import Truncated, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.certificate import Row
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.hybrid_configuration import named
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import single

AUTH = "Get-AuthConfig"
_ADVICE = "Enable the services on another certificate, and give the connectors another one, first; force: true removes it all the same"


def refuse(session: engine.Tally, found: Row, there: t.Iterable[Row], server: str, asked: dict[str, t.Any]) -> None:
    """Raises UsageError for a certificate that something uses."""
    uses = [*_services(found), *_auth(session, found, asked), *_connectors(session, found, there, asked)]
    if uses:
        text = f"certificate {found['thumbprint']} ({found['subject']}) of {server} is in use: {'; '.join(uses)}"
        raise UsageError(text, target=session.target, advice=_ADVICE)


def _services(found: Row) -> t.Iterator[str]:
    if found["services"]:
        yield f"it is enabled for {', '.join(found['services'])}"


def _auth(session: engine.Tally, found: Row, asked: dict[str, t.Any]) -> t.Iterator[str]:
    """The certificate with which servers sign in to each other and to the cloud is on all of them."""
    answer = session.invoke(AUTH, asked, properties=("currentcertificatethumbprint", "nextcertificatethumbprint"))
    shown = {values.fold(name): value for name, value in single(answer, AUTH, session.target, "the authorization configuration").items()}
    for name, which in (("currentcertificatethumbprint", "current"), ("nextcertificatethumbprint", "next")):
        if values.text(shown.get(name)).casefold() == found["thumbprint"].casefold():
            yield f"it is the {which} certificate of the authorization configuration (Get-AuthConfig)"


def _connectors(session: engine.Tally, found: Row, there: t.Iterable[Row], asked: dict[str, t.Any]) -> t.Iterator[str]:
    """Connectors name a certificate by issuer and subject: another one of the same name serves them as well."""
    name = f"<I>{found['issuer']}<S>{found['subject']}".casefold()
    twins = [one for one in there if one["thumbprint"] != found["thumbprint"] and f"<I>{one['issuer']}<S>{one['subject']}".casefold() == name]
    if any(one["has_private_key"] and (one["days_left"] or 0) >= 0 for one in twins):
        return
    for noun in ("SendConnector", "ReceiveConnector"):
        cmdlet = f"Get-{noun}"
        answer = session.invoke(cmdlet, asked, properties=("name", "tlscertificatename"))
        if answer.truncated:
            raise Truncated("the list of connectors is incomplete", cmdlet=cmdlet, target=session.target)
        for one in answer.output:
            shown = {values.fold(key): value for key, value in one.items()}
            if named(shown.get("tlscertificatename")).casefold() == name:
                yield f"{noun} '{shown.get('name')}' names it"
