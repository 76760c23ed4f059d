"""Runs a module that ends with its parent: `python -m heatwall.capacity.leash MODULE ARGUMENT …`.

A benchmark may be killed with no time to end what it started; a server that stayed behind would
take the machine's cores for ever. Linux only.
"""

from __future__ import annotations

import os
import runpy
import sys

from heatwall.machine import end_with_parent


def main() -> None:
    """Fasten the leash, then be the module."""
    parent = os.getppid()
    end_with_parent()
    if os.getppid() != parent:
        sys.exit(1)  # it had ended before
    module, *arguments = sys.argv[1:]
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
