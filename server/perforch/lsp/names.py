"""The names by which editors know our commands and kinds of actions."""

from typing import Literal

Stage = Literal["generate", "fix", "refine"]
CLIENT = "perforch-vscode"  # this client brings its own commands and preview, so that none are announced to it
REWRITE = "refactor.rewrite.perforch"
COMMANDS: dict[Stage, str] = {
    "generate": "perforch.generate",
    "fix": "perforch.fix",
    "refine": "perforch.optimize",
}
RUN_TESTS = "perforch.runTests"
OUR_METHODS = "perforch/"
