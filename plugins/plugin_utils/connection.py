# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The behaviour of our connection plugins: they open no shell on a remote machine, but a session that a broker keeps."""

from __future__ import annotations

import contextlib
import functools
import os
import typing as t

from ansible import constants as C
from ansible.errors import AnsibleActionFail, AnsibleConnectionFailure
from ansible.executor.process import worker
from ansible.plugins.connection import ConnectionBase
from ansible.plugins.loader import connection_loader, get_shell_plugin
from ansible.utils.display import Display

from ansible_collections.m365.hybrid.plugins.module_utils._core import rpc
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError
from ansible_collections.m365.hybrid.plugins.plugin_utils import broker, gate, launching
from ansible_collections.m365.hybrid.plugins.plugin_utils.option_set import OptionSet

display = Display()


class SessionConnection(ConnectionBase):
    """A connection whose modules talk to one session; subclasses have the documentation, ``transport``, ``wire`` and ``option_set``.

    Become has no meaning here and is ignored.  Connection objects live for one task, the session for the whole playbook run.
    """

    wire = ""
    option_set: OptionSet
    has_pipelining = True
    # Core then runs modules with the Python that runs ansible-playbook, instead of looking for one on a machine that is none.
    _remote_is_local = True

    def __init__(self, play_context: t.Any, *args: t.Any, **kwargs: t.Any) -> None:
        super().__init__(play_context, *args, **kwargs)
        # What core runs of its own, it runs on the control node, whatever shell the inventory names for the Windows host.
        self._shell = get_shell_plugin(shell_type="sh", executable=play_context.executable)
        # Workers are told the pid of ansible-playbook; meta tasks run in ansible-playbook itself.
        self._owner = int(kwargs.get("ansible_playbook_pid") or os.getpid())
        self._launch: broker.Launch | None = None
        self._session: rpc.RemoteSession | None = None
        self._exposed = False
        self._files: set[str] = set()

    # --- for the action plugin ---

    @property
    def endpoint(self) -> str:
        """What the host offers; raises `UsageError` for an option that cannot be right."""
        return str(self._resolved()["endpoint"])

    def session(self) -> rpc.RemoteSession:
        """The session of this host, opened if no task has opened it yet.  Raises `HybridError`."""
        launch = self.launch()
        if self._session is None or launch != self._launch:
            self.close()
            self._session = launching.session(launch, display.display)
            self._launch = launch
            self._connected = True
            display.vvv(f"session: {self._session.target}", host=self._play_context.remote_addr)
        return self._session

    def secrets(self) -> set[str]:
        """What of this connection's options no output may show."""
        return self.option_set.secrets(self.get_option)

    @contextlib.contextmanager
    def exposed(self) -> t.Iterator[None]:
        """While a module process is started: let core hand it the session's socket.

        At other times there is none to see: core would send a reset to every socket that it saw in a task's arguments at the end
        of each play, and end the session.
        """
        self.session()
        self._exposed = True
        try:
            yield
        finally:
            self._exposed = False

    @property
    def socket_path(self) -> str | None:
        return self.session().client.path if self._exposed else None

    def launch(self) -> broker.Launch:
        """What the broker for this connection is for."""
        return launching.launch(self.wire, self.option_set, self.get_option, self._owner)

    def _resolved(self) -> dict[str, t.Any]:
        return self.option_set.resolve(self.get_option)

    # --- for ansible-core ---

    def set_options(self, task_keys: t.Any = None, var_options: t.Any = None, direct: t.Any = None) -> None:
        if var_options and "_extras" not in var_options and "hostvars" in var_options:
            var_options = self._templated(var_options)
        super().set_options(task_keys=task_keys, var_options=var_options, direct=direct)

    def _templated(self, variables: t.Any) -> t.Any:
        """Our variables, templated: for meta: reset_connection, ansible-core before 2.18 hands over all variables as they were written.

        Without it the reset would look for another session than the one that the tasks use.
        """
        from ansible.parsing.dataloader import DataLoader
        from ansible.template import Templar

        return self._resolve_option_variables(variables, Templar(loader=DataLoader(), variables=variables))

    def _resolve_option_variables(self, variables: t.Any, templar: t.Any) -> dict[str, t.Any]:
        """The variables of our options, templated; ansible-core 2.16 has no such method yet."""
        if hasattr(ConnectionBase, "_resolve_option_variables"):
            return dict(super()._resolve_option_variables(variables, templar))
        names = C.config.get_plugin_vars("connection", self._load_name)
        return {"_extras": {}, **{name: templar.template(variables[name]) for name in names if name in variables}}

    def set_become_plugin(self, plugin: t.Any) -> None:
        if plugin:
            display.vvv(f"{self.transport}: become is ignored", host=self._play_context.remote_addr)
        self.become = None

    def is_pipelining_enabled(self, wrap_async: bool = False) -> bool:
        return not wrap_async and not C.DEFAULT_KEEP_REMOTE_FILES

    def _connect(self) -> SessionConnection:
        self._connected = True
        return self

    def transport_test(self, connect_timeout: float) -> None:
        """For wait_for_connection: its own test, the ping module, never leaves the control node."""
        self._prove(float(connect_timeout))

    def _prove(self, timeout: float | None) -> None:
        try:
            self.session().test(timeout)
        except HybridError as error:
            self.close()
            raise AnsibleConnectionFailure(str(error)) from error

    def exec_command(self, cmd: str, in_data: bytes | None = None, sudoable: bool = True) -> tuple[int, bytes, bytes]:
        if in_data:
            self._admit(gate.module_of(in_data))
        elif not gate.is_bookkeeping(cmd, self._files):
            self._refuse(None)
        return t.cast("tuple[int, bytes, bytes]", self._local.exec_command(cmd, in_data, False))

    def put_file(self, in_path: str, out_path: str) -> None:
        with open(in_path, "rb") as file:
            module = gate.module_of(file.read())
        if not gate.temporary(out_path):
            self._refuse(module)
        self._admit(module)
        self._files.add(out_path)
        self._local.put_file(in_path, out_path)

    def fetch_file(self, in_path: str, out_path: str) -> None:
        self._refuse(None)

    def _admit(self, module: str | None) -> None:
        if not gate.may_run(module):
            self._refuse(module)
        if module in gate.PING:
            self._prove(None)  # a pong means that the server answers, not that the control node does

    def _refuse(self, module: str | None) -> t.NoReturn:
        task = getattr(getattr(worker, "current_worker", None), "_task", None)
        raise AnsibleActionFail(gate.refusal(self.transport, str(getattr(task, "action", None) or module or "this")))

    @functools.cached_property
    def _local(self) -> t.Any:
        local = connection_loader.get("ansible.builtin.local", self._play_context, os.devnull)
        local.set_options()
        return local

    def reset(self) -> None:
        """End the session and its broker; the next task opens a new one."""
        self.close()
        try:
            broker.reset(self.launch())
        except HybridError as error:
            raise AnsibleConnectionFailure(str(error)) from error

    def close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.close()
        self._connected = False
