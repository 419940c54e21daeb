"""Every sub-command, in the order in which help lists them."""

import argparse
import json
import os
import sys
from pathlib import Path

from perforch import app
from perforch.cli.arguments import FOUND, Command
from perforch.cli.evaluate import EVALUATE
from perforch.cli.history import HISTORY
from perforch.cli.models import MODELS
from perforch.cli.profile import PROFILE
from perforch.cli.rankings import RANKINGS
from perforch.cli.solve import SOLVING
from perforch.cli.terminal import Terminal
from perforch.core.errors import ToolMissing


async def _doctor(arguments: argparse.Namespace) -> int:
    told = Terminal.on(sys.stderr, os.environ)
    checkup = await app.measured_doctor(app.workspace_root(Path.cwd()), os.environ, told.line)
    if arguments.json:
        print(json.dumps(checkup.as_json()))
    else:
        print("\n".join(checkup.lines()))
    return FOUND if checkup.is_ready else ToolMissing.exit_status


def _nothing(_parser: argparse.ArgumentParser) -> None:
    """No arguments of its own."""


COMMANDS = (
    *SOLVING,
    RANKINGS,
    PROFILE,
    EVALUATE,
    MODELS,
    HISTORY,
    Command("doctor", "what was found on this machine, and what is missing", _nothing, _doctor),
)
