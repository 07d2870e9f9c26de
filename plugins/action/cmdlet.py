# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One action plugin for all modules: runs the module's own code in the worker, over a session that a broker keeps open."""

from __future__ import annotations

import importlib
import traceback
import typing as t

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.m365.hybrid.plugins.module_utils._core import censor, record
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Module, Result, Task, failure
from ansible_collections.m365.hybrid.plugins.plugin_utils import opening, recording, surroundings

_MODULES = f"{__name__.rpartition('.action.')[0]}.modules"
display = Display()


def loaded(name: str) -> Module:
    """One of the collection's modules, loaded as a Python module.

    The action plugins named as the modules call it when ansible-core looks at them, before it forks the workers: what a worker imports, it
    compiles for every task anew.
    """
    module: Module = importlib.import_module(f"{_MODULES}.{name}").MODULE
    _documentation = module.docs  # read once, for all workers
    return module


class ActionModule(ActionBase):
    """Validates the task's arguments against the module's documentation and runs it; `async` goes through the module process."""

    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_async = True
    _supports_diff = True

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> Result:
        result: Result = super().run(tmp, task_vars)
        module = self._module()
        secrets = censor.of_options(module.argument_spec(), self._task.args)
        try:
            module = module.bound(self._task.args, surroundings.named)
            secrets |= module.hidden(self._task.args)
            connection = opening.connection_for(self, module, task_vars or {})
            secrets |= connection.secrets()
            if self._task.async_val and module.stays_in_worker:
                raise UsageError(f"{module.docs.module} cannot run with async", advice="It says how far it is while it runs; leave async out")
            if self._task.async_val:  # in check mode, too: core waits for a job whatever the mode
                outcome = self._in_module_process(connection, task_vars or {})
            else:
                outcome = self._in_worker(module, connection, censor.Censor(secrets), recording.place(self._task, task_vars or {}))
        except HybridError as error:
            outcome = failure(error)
        except (Exception, SystemExit) as error:  # a defect of the collection: say so without a traceback; it is there at -vvv
            self._reraise_if_ansible(error)
            display.vvv(censor.Censor(secrets).text(traceback.format_exc()))
            msg = f"{module.docs.module} has a defect: {type(error).__name__}: {error}. Please report it with the output of -vvv."
            outcome = {"failed": True, "msg": msg, "changed": getattr(error, "wrote", False)}
        if (task_vars or {}).get("m365_unreachable_fails") and outcome.pop("unreachable", False):
            outcome["failed"] = True  # a role that rescues: for core, the host that delegates a task would be unreachable, and the play end for it
        return {**result, **censor.Censor(secrets)(outcome)}

    def _module(self) -> Module:
        """The module that the task names, loaded as a Python module.

        The module loader is asked for the name, because ``Task.resolved_action`` is the action plugin's on ansible-core before 2.19.
        """
        found = self._shared_loader_obj.module_loader.find_plugin_with_context(self._task.action, collection_list=self._task.collections)
        return loaded(found.resolved_fqcn.rpartition(".")[2])

    def _in_worker(self, module: Module, connection: opening.Connection, hide: censor.Censor, where: record.Place | None) -> Result:
        around = surroundings.Worker(hide, display.display, record.Recorder(where, hide, display.warning) if where else None)
        task = Task(module.validate(self._task.args), self._task.check_mode, self._task.diff, display.verbosity, around)
        return module.run(connection.session, task)

    def _in_module_process(self, connection: opening.Connection, task_vars: dict[str, t.Any]) -> Result:
        if connection is not self._connection:
            raise UsageError(
                f"async is not possible on connection {self._connection.ansible_name}",
                advice=f"Set ansible_connection: {connection.ansible_name} and ansible_shell_type: sh for this host or task",
            )
        with connection.exposed(), record.handed_over(recording.place(self._task, task_vars)):
            # a copy, because core adds its own keys to the dictionary it is given
            return t.cast(Result, self._execute_module(module_args=dict(self._task.args), task_vars=task_vars, wrap_async=True))

    @staticmethod
    def _reraise_if_ansible(error: BaseException) -> None:
        """Core's own errors (a template that fails, a skipped action, a timeout) keep their meaning."""
        if type(error).__module__.split(".")[0] == "ansible":
            raise error
