# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From a plugin's options to a session: for the connections, and for the inventory, which has none."""

from __future__ import annotations

import functools

from ansible import constants as C

from ansible_collections.m365.hybrid.plugins.module_utils._core import rpc
from ansible_collections.m365.hybrid.plugins.plugin_utils import broker
from ansible_collections.m365.hybrid.plugins.plugin_utils.option_set import Getter, OptionSet


def launch(wire: str, option_set: OptionSet, get: Getter, owner: int) -> broker.Launch:
    """What the broker is for that these options ask for; ``owner`` is the process that it ends with.  Raises `UsageError`."""
    resolved = option_set.resolve(get)
    patience = option_set.patience(resolved)
    transient = {name: resolved.pop(name) for name in option_set.transient}
    return broker.Launch(
        wire=wire,
        identity=resolved,
        transient=transient,
        owner=owner,
        directory=C.PERSISTENT_CONTROL_PATH_DIR,
        idle_timeout=transient["idle_timeout"],
        command_timeout=transient["command_timeout"],
        secrets=option_set.secrets(get),
        start_timeout=patience,
    )


def session(what: broker.Launch, notify: broker.Notify) -> rpc.RemoteSession:
    """The session of a broker, which is started if it does not run yet.  Raises `HybridError`."""
    client = rpc.Client(broker.socket_path(what), functools.partial(broker.find_or_start, what, notify))
    return rpc.connect(client, what.command_timeout)
