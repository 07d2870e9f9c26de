# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the rule of nouns does not know of servers: setup makes them, and a product key is seen by the edition that it makes of one."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import NotFound, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Field
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Session
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import CmdletResource, Options

_KEY = re.compile(r"(?i)[A-Z0-9]{5}(-[A-Z0-9]{5}){4}")


def product_key(value: t.Any) -> str:
    """Five times five letters and digits."""
    found = values.text(value).strip()
    if not _KEY.fullmatch(found):
        raise ValueError("the product key is not of the form XXXXX-XXXXX-XXXXX-XXXXX-XXXXX")
    return found.upper()


def _address_key(value: str) -> str:
    """A System.Uri prints itself with a slash at its end."""
    return value.casefold().rstrip("/")


ONLY_WITH_STATUS = (
    "error_reporting_enabled",
    "static_config_domain_controller",
    "static_domain_controllers",
    "static_excluded_domain_controllers",
    "static_global_catalogs",
)
"""What Get-ExchangeServer shows only with -Status, which asks the server itself."""

FIELDS = (
    Field("product_key", read="ProductKey", codec=values.Codec(product_key), secret=True),
    Field("internet_web_proxy", codec=values.Codec(values.text, _address_key, values.TEXT.dump)),
    Field("static_config_domain_controller", codec="name"),
    Field("monitoring_group", codec="name"),
)


class ExchangeServer(CmdletResource):
    """A server.  Its product key is written when it is a trial edition, or another edition than the task names."""

    facts = (*CmdletResource.facts, "fqdn", "admin_display_version", "is_exchange_trial_edition", "product_id", "server_role", "site")
    unlisted = ONLY_WITH_STATUS

    def selection(self, options: Options) -> dict[str, t.Any]:
        asked = any(options.get(name) is not None for name in ONLY_WITH_STATUS)
        return self.identity(options) | ({"Status": True} if asked else {})

    def wanted(self, session: Session, options: Options, current: plan.State | None) -> plan.State:
        if current is None:
            raise NotFound(f"there is no server '{options['name']}'; Exchange's setup makes servers", cmdlet="Get-ExchangeServer", target=session.target)
        key = options.get("product_key")
        wanted = super().wanted(session, {**options, "product_key": None}, current)
        other = "edition" in wanted and wanted["edition"] != current.get("edition")
        if other and key is None:
            raise UsageError(f"the edition is {current.get('edition')}; to make it {wanted['edition']} takes a product_key of that edition")
        due = key is not None and (other or current.get("is_exchange_trial_edition"))
        return wanted | ({"product_key": product_key(key)} if due else {})

    def calls(self, todo: plan.Plan, options: Options, found: engine.Reading) -> list[engine.Call]:
        changes = {name: change for name, change in todo.changes.items() if name != "edition"}
        return [self.call("Set", options, self.identity(options) | self.dump(changes))]
