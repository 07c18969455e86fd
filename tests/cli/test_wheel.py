"""What is installed from a wheel is whole: it runs in an empty directory, far from the repository."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.cli.installation import ROOT, wait_for
from tests.servers.network import three_free_ports

PACKAGES = ("payments", "providers", "receipts", "migrations", "catalogue")
BUILD = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"
# Without -P the directory that it is started in would be searched first.
THUPHI = [sys.executable, "-P", "-c", "from payments.cli import main; main()"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of a copy of this repository, built by the installed backend alone."""
    copy = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    for name in PACKAGES:
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    built = subprocess.run(
        [sys.executable, "-P", "-c", BUILD, "dist"],
        cwd=copy,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    (made,) = (copy / "dist").glob("thuphi-*.whl")
    return made


def test_every_file_of_the_packages_is_in_the_wheel(wheel: Path) -> None:
    packed = set(zipfile.ZipFile(wheel).namelist())
    ours = {
        path.relative_to(ROOT).as_posix()
        for name in PACKAGES
        for path in (ROOT / name).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert ours - packed == set()
    assert {path for path in packed if ".dist-info/" not in path} - ours == set()


def test_the_demonstration_of_a_wheel_runs_in_an_empty_directory(wheel: Path, tmp_path: Path) -> None:
    site, empty = tmp_path / "site", tmp_path / "empty"
    zipfile.ZipFile(wheel).extractall(site)
    empty.mkdir()
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(site)}
    where = [sys.executable, "-P", "-c", "import payments; print(payments.__file__)"]
    found = subprocess.run(where, env=environment, cwd=empty, capture_output=True, text=True, check=True)
    assert found.stdout.startswith(str(site))
    port = three_free_ports()
    running = subprocess.Popen(
        [*THUPHI, "serve", "--demo", "--port", str(port)],
        env=environment,
        cwd=empty,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        wait_for(port)
        running.send_signal(signal.SIGTERM)
        said, told = running.communicate(timeout=40)
    finally:
        running.kill()
        running.wait()
    assert said.endswith("Stopped; the data are kept.\n"), told
    assert running.returncode == 0
