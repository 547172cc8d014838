"""Settings: defaults < digest.toml < environment < command line, as one frozen value. Read by doors and wiring only."""

from digest.config.load import Loaded, load
from digest.config.schema import Settings

__all__ = ["Loaded", "Settings", "load"]
