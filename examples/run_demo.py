"""The demo: one failing test in a small shop's till, one command, one proven diff."""

import os
import subprocess
import sys
from pathlib import Path

WORKSPACE = Path(__file__).parent / "demo"


def main() -> int:
    """Runs `perforch fix` in the example workspace and shows what a user sees; nothing in it is changed."""
    print("The till in examples/demo has a bug: discounts start one article too late, and four tests fail.")
    print(f"\n$ cd {WORKSPACE.relative_to(Path.cwd()) if WORKSPACE.is_relative_to(Path.cwd()) else WORKSPACE}")
    print("$ perforch fix\n", flush=True)
    environment = os.environ | {"PERFORCH_LANGUAGES_PYTHON_INTERPRETER": sys.executable, "FORCE_COLOR": "1"}
    ended = subprocess.run([sys.executable, "-m", "perforch", "fix"], cwd=WORKSPACE, env=environment, check=False)
    if ended.returncode == 0:
        print("\nNothing was changed: add --apply to take it. See also: perforch doctor, perforch --help")
    return ended.returncode


if __name__ == "__main__":
    sys.exit(main())
