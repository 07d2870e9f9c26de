# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files on a Windows host of the lab: win_file, win_copy, win_stat, slurp and win_file_version, with what they refuse."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile

import pytest

from tests.unit.lab.windows import Host

ONE, TWO, FOLDER = "C:\\Data\\one.txt", "C:\\Data\\two.txt", "C:\\Data\\folder"


@pytest.fixture(name="host")
def with_files() -> Host:
    return Host(files={ONE: {"content": "one"}, "C:\\Data\\in\\deep\\a.txt": {"content": "a"}}, directories=[FOLDER])


def content(host: Host, path: str) -> bytes | None:
    file = host.machine.files.file(path)
    return file.content if file else None


def test_a_directory_is_made_and_removed_with_what_is_in_it(host: Host) -> None:
    assert host.settled("win_file", path="C:\\New\\below", state="directory")["changed"]
    assert host.run("win_stat", path="c:/new")["stat"]["isdir"]
    assert host.settled("win_file", path="C:\\Data", state="absent")["changed"]
    assert not host.run("win_stat", path=ONE)["stat"]["exists"]


def test_a_touched_file_is_there(host: Host) -> None:
    assert host.run("win_file", path=TWO, state="touch", check=True)["changed"] and content(host, TWO) is None
    assert host.run("win_file", path=TWO, state="touch")["changed"] and content(host, TWO) == b""
    assert host.run("win_file", path=FOLDER, state="touch")["changed"] and host.machine.files.directory(FOLDER)


def test_what_win_file_refuses(host: Host) -> None:
    assert "will not be created" in host.failed("win_file", path=TWO)
    assert "will not be created" in host.failed("win_file", path=TWO, state="file")
    assert "is not a directory" in host.failed("win_file", path=ONE, state="directory")
    assert "is not a file" in host.failed("win_file", path=FOLDER, state="file")
    assert "Argument state needs to be one of absent,directory,file,touch but was gone" in host.failed("win_file", path=ONE, state="gone")


def test_what_is_read(host: Host) -> None:
    stat = host.run("win_stat", path=ONE, checksum_algorithm="sha256")["stat"]
    assert stat["checksum"] == hashlib.sha256(b"one").hexdigest() and (stat["size"], stat["isreg"], stat["extension"]) == (3, True, ".txt")
    assert "checksum" not in host.run("win_stat", path=ONE, get_checksum=False)["stat"]
    assert host.run("win_stat", path="C:\\Data")["stat"]["size"] == 4
    assert base64.b64decode(host.run("slurp", src=ONE)["content"]) == b"one"
    assert host.failed("slurp", src=FOLDER) == f"Path {FOLDER} is a directory"
    assert host.failed("slurp", src=TWO) == f"Path {TWO} is not found"
    assert "does not exist or is not a file" in host.failed("community.windows.win_file_version", path=TWO)
    assert "must be DLL or EXE" in host.failed("community.windows.win_file_version", path=ONE)


def test_a_file_is_copied_on_the_host_once(host: Host) -> None:
    done = host.settled("win_copy", src=ONE, dest=TWO, remote_src=True, _copy_mode="remote")
    assert (done["operation"], done["size"], done["checksum"]) == ("file_copy", 3, hashlib.sha1(b"one").hexdigest())
    host.machine.files.write(ONE, b"more")
    assert host.settled("win_copy", src=ONE, dest=TWO, _copy_mode="remote", backup=True)["backup_file"].startswith(TWO)
    assert content(host, TWO) == b"more"
    host.machine.files.write(ONE, b"most")
    assert not host.run("win_copy", src=ONE, dest=TWO, _copy_mode="remote", force=False)["changed"]
    assert host.settled("win_copy", src=ONE, dest=f"{FOLDER}\\", _copy_mode="remote")["dest"] == f"{FOLDER}\\one.txt"


def test_a_backup_is_not_made_in_check_mode(host: Host) -> None:
    host.machine.files.write(TWO, b"old")
    kept = host.run("win_copy", src=ONE, dest=TWO, _copy_mode="remote", backup=True, check=True)["backup_file"]
    assert host.machine.files.file(kept) is None


def test_a_folder_is_copied_with_or_without_itself(host: Host) -> None:
    assert host.settled("win_copy", src="C:\\Data\\in", dest="C:\\To", _copy_mode="remote")["operation"] == "folder_copy"
    assert content(host, "C:\\To\\in\\deep\\a.txt") == b"a"
    host.settled("win_copy", src="C:\\Data\\in\\", dest="C:\\Bare", _copy_mode="remote")
    assert content(host, "C:\\Bare\\deep\\a.txt") == b"a"


def test_what_win_copy_refuses_on_the_host(host: Host) -> None:
    assert "Cannot copy src file" in host.failed("win_copy", src=TWO, dest="C:\\x", _copy_mode="remote")
    assert "Cannot copy src file" in host.failed("win_copy", src=TWO, dest="C:\\x", _copy_mode="single", _original_basename="x")
    assert "Destination directory 'C:\\Nowhere' does not exist" in host.failed("win_copy", src=ONE, dest="C:\\Nowhere\\x", _copy_mode="remote")
    assert "is currently a file" in host.failed("win_copy", src=ONE, dest=f"{ONE}\\x", _copy_mode="remote")


def test_the_control_node_is_told_what_to_send(host: Host) -> None:
    sent = [{"src": "/a/one.txt", "dest": "one.txt", "checksum": hashlib.sha1(b"one").hexdigest()}, {"src": "/a/b", "dest": "b", "checksum": "0"}]
    answer = host.run("win_copy", dest="C:\\Data", _copy_mode="query", files=sent, directories=[{"dest": "folder"}, {"dest": "new"}])
    assert ([one["dest"] for one in answer["files"]], [one["dest"] for one in answer["directories"]]) == (["b"], ["new"])
    host.machine.files.make_directory(f"{FOLDER}\\x")
    clash = [{"src": "/a/x", "dest": "folder", "checksum": "0"}]
    assert "is already a directory" in host.failed("win_copy", dest="C:\\Data", _copy_mode="query", files=clash)
    assert "is already a file" in host.failed("win_copy", dest="C:\\Data", _copy_mode="query", directories=[{"dest": "one.txt"}])


def test_many_files_come_in_an_archive(host: Host) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(f"{base64.b64encode(b'sub/empty').decode()}/", b"")
        archive.writestr(base64.b64encode("sub/ä.txt".encode()).decode(), b"text")
    host.machine.files.write("C:\\Temp\\source.zip", made.getvalue())
    wish = {"src": "C:\\Temp\\source.zip", "dest": "C:\\Out", "_copy_mode": "explode"}
    assert host.run("win_copy", check=True, **wish)["changed"] and content(host, "C:\\Out\\sub\\ä.txt") is None  # type: ignore[arg-type]
    assert host.run("win_copy", **wish)["changed"] and content(host, "C:\\Out\\sub\\ä.txt") == b"text"  # type: ignore[arg-type]
    assert host.machine.files.directory("C:\\Out\\sub\\empty")
