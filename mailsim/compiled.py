"""The compiled modules of a checkout, as long as none of its sources is newer.

``pip install`` compiles the busiest modules where there is a C compiler; then they lie beside
their sources, and Python takes them by itself.  An editable install puts them in
``build/compiled`` instead: whoever edits a source gets all modules from their sources again, until
the next ``make compiled``.  They are the same either way, but for their speed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.machinery import EXTENSION_SUFFIXES, ModuleSpec
from importlib.util import spec_from_file_location
from types import ModuleType

__all__ = ["is_compiled", "use_compiled"]

_PACKAGE = os.path.dirname(__file__)
_BUILT = os.path.join(os.path.dirname(_PACKAGE), "build", "compiled")


class _Finder:
    """Finds what has been compiled (importlib's MetaPathFinder)."""

    def __init__(self, root: str) -> None:
        self._root = root

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return where a module is, or None if another finder knows."""
        if not (name.startswith("mailsim.") or name.endswith("__mypyc")):
            return None
        library = os.path.join(self._root, *name.split(".")) + EXTENSION_SUFFIXES[0]
        return spec_from_file_location(name, library) if os.path.exists(library) else None


def _is_as_new_as(root: str, package: str) -> bool:
    """Tell whether no source has changed since the modules below a directory were compiled."""
    try:
        with open(os.path.join(root, "stamp")) as stamp:
            compiled_ns = int(stamp.read())
    except (OSError, ValueError):
        return False
    for directory, _, names in os.walk(package):
        sources = [os.path.join(directory, name) for name in names if name.endswith(".py")]
        if any(os.stat(source).st_mtime_ns > compiled_ns for source in sources):
            return False
    return True


def use_compiled(root: str = _BUILT, package: str = _PACKAGE) -> None:
    """Let Python find the compiled modules of a checkout; ``MAILSIM_PURE=1`` leaves them alone.

    Parameters
    ----------
    root : str
        Where they are.
    package : str
        Where their sources are.
    """
    if not os.environ.get("MAILSIM_PURE") and _is_as_new_as(root, package):
        sys.meta_path.insert(0, _Finder(root))


def is_compiled() -> bool:
    """Tell whether this process runs compiled modules."""
    import mailsim.smtp.server

    return not mailsim.smtp.server.__file__.endswith(".py")
