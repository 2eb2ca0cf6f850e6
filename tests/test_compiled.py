"""Compiled or not: the same rows, and never modules older than their sources."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest

from mailsim.compiled import use_compiled

ROOT = Path(__file__).parents[1]
BUILT = ROOT / "build" / "compiled"
ASK = "from mailsim.compiled import is_compiled; print(is_compiled())"


def is_compiled(**environment: str) -> bool:
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip() == "True"


@pytest.fixture
def compiled() -> None:
    if not is_compiled(MAILSIM_PURE=""):
        if os.environ.get("CI"):
            pytest.fail("nothing is compiled here")
        pytest.skip("nothing is compiled here, or a source is newer: make compiled")


def test_the_sources_can_be_asked_for() -> None:
    assert not is_compiled(MAILSIM_PURE="1")


@pytest.mark.slow
@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize("fidelity", ["flights", "wire"])
def test_the_rows_are_the_same(tmp_path: Path, fidelity: str) -> None:
    sets = ["traffic.newsletter.bulk.recipients=1000", "duration=30min", "record.events=true"]
    words = [word for text in [*sets, f"fidelity={fidelity}"] for word in ("--set", text)]
    command = [sys.executable, "-m", "mailsim", "run", "experiments/bulk_send.yaml", "-q", *words]
    for pure in ("", "1"):
        environment = {**os.environ, "MAILSIM_PURE": pure}
        out = ["--out", str(tmp_path / f"pure{pure}")]
        subprocess.run([*command, *out], check=True, cwd=ROOT, env=environment, timeout=120)
    tables = [path.name for path in (tmp_path / "pure").glob("*.parquet")]
    assert len(tables) >= 7
    for table in tables:
        rows, pure_rows = (tmp_path / f"pure{one}" / table for one in ("", "1"))
        assert rows.read_bytes() == pure_rows.read_bytes(), table


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Return a package of one module and what has been compiled of it; forget its finder."""
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    monkeypatch.delenv("MAILSIM_PURE", raising=False)
    package, built = tmp_path / "mailsim", tmp_path / "build"
    (package / "smtp").mkdir(parents=True)
    (built / "mailsim" / "smtp").mkdir(parents=True)
    source = package / "smtp" / "server.py"
    source.touch()
    (built / "mailsim" / "smtp" / f"server{EXTENSION_SUFFIXES[0]}").touch()
    (built / "stamp").write_text(f"{source.stat().st_mtime_ns}\n")
    return package, built


def found(name: str) -> str | None:
    spec = sys.meta_path[0].find_spec(name, None)
    return spec.origin if spec is not None else None


def test_what_is_compiled_is_found_and_nothing_else(checkout: tuple[Path, Path]) -> None:
    package, built = checkout
    use_compiled(str(built), str(package))
    assert str(found("mailsim.smtp.server")).startswith(str(built / "mailsim" / "smtp" / "server."))
    assert found("mailsim.smtp.client") is None
    assert found("mailsim.smtp") is None
    assert found("json") is None


@pytest.mark.parametrize("change", ["newer source", "no stamp", "half a stamp", "MAILSIM_PURE"])
def test_what_is_not_as_new_as_its_sources_is_left_alone(
    checkout: tuple[Path, Path], change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    package, built = checkout
    if change == "newer source":
        (package / "new.py").touch()
        os.utime(package / "new.py")
    elif change == "no stamp":
        (built / "stamp").unlink()
    elif change == "half a stamp":
        (built / "stamp").write_text("")
    else:
        monkeypatch.setenv("MAILSIM_PURE", "1")
    finders = list(sys.meta_path)
    use_compiled(str(built), str(package))
    assert sys.meta_path == finders


def build(source: Path, out: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Build a wheel of a copy of the project."""
    return subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)],
        cwd=source,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.fixture
def source(tmp_path: Path) -> Path:
    copy = tmp_path / "source"
    shutil.copytree(
        ROOT / "mailsim", copy / "mailsim", ignore=shutil.ignore_patterns("__pycache__")
    )
    for name in ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    return copy


def wheels(out: Path) -> list[str]:
    return [path.name.split("-", 2)[2] for path in out.glob("*.whl")]


@pytest.mark.slow
def test_a_wheel_without_compiler_is_for_all(source: Path, tmp_path: Path) -> None:
    done = build(source, tmp_path, CC="no-such-compiler")
    assert done.returncode == 0, done.stderr
    assert "half as fast: there is no C compiler (no-such-compiler)" in done.stdout + done.stderr
    assert wheels(tmp_path) == ["py3-none-any.whl"]


@pytest.mark.slow
def test_who_insists_on_compiling_is_told_why_not(source: Path, tmp_path: Path) -> None:
    done = build(source, tmp_path, CC="no-such-compiler", MAILSIM_COMPILE="1")
    assert done.returncode
    last = done.stderr.splitlines()[-1]
    assert last == "mailsim cannot be compiled: there is no C compiler (no-such-compiler)"
    assert wheels(tmp_path) == []


@pytest.fixture
def small(source: Path) -> Path:
    """Return a package of two modules: compiling all takes a minute, and set-up has done it."""
    for path in (source / "mailsim").rglob("*.py"):
        if path.name not in ("__init__.py", "compiled.py", "errors.py", "address.py", "clock.py"):
            path.unlink()
    for path in (source / "mailsim" / "message", source / "mailsim" / "sim"):
        (path / "__init__.py").write_text("")
    (source / "mailsim" / "sim" / "small.py").write_text("ONE = 1\n")
    return source


@pytest.mark.slow
@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize("wish", ["", "1"])
def test_a_compiler_that_fails_stops_only_who_insists(
    small: Path, tmp_path: Path, wish: str
) -> None:
    done = build(small, tmp_path, CC="false", MAILSIM_COMPILE=wish)
    assert "mailsim could not be compiled" in done.stdout + done.stderr
    assert bool(done.returncode) == bool(wish)
    assert wheels(tmp_path) == ([] if wish else ["py3-none-any.whl"])


@pytest.mark.slow
@pytest.mark.usefixtures("compiled")
def test_a_wheel_has_the_compiled_modules_beside_their_sources(small: Path, tmp_path: Path) -> None:
    done = build(small, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    (tag,) = wheels(tmp_path)
    assert tag.startswith(f"cp{sys.version_info.major}{sys.version_info.minor}-")
    site = tmp_path / "site"
    shutil.unpack_archive(next(tmp_path.glob("*.whl")), site, "zip")
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    assert (site / "mailsim" / "message" / f"address{suffix}").exists()
    ask = "import mailsim.message.address as a; print(a.__file__, a.domain_of('a@b.example'))"
    environment = {**os.environ, "PYTHONPATH": str(site)}
    done = subprocess.run(
        [sys.executable, "-c", ask], capture_output=True, text=True, env=environment, cwd=tmp_path
    )
    assert done.stdout.split() == [
        str(site / "mailsim" / "message" / f"address{suffix}"),
        "b.example",
    ], done.stderr


def test_what_was_compiled_here_is_whole() -> None:
    """Every group's library and every module of it: a part of them would not work."""
    if not (BUILT / "stamp").exists():
        pytest.skip("nothing is compiled here: make compiled")
    modules = list(BUILT.rglob(f"mailsim/**/*{EXTENSION_SUFFIXES[0]}"))
    assert len(list(BUILT.glob("*__mypyc*"))) == 4, "a library for each group"
    assert len(modules) > 50
    for module in modules:
        source = ROOT / module.relative_to(BUILT).parent / f"{module.name.partition('.')[0]}.py"
        assert source.exists(), "make compiled"
