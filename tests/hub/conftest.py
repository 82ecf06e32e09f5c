"""The cycle through the browser takes minutes and an environment of its own.

``make test`` leaves it out; ``make test-hub`` makes the environment and runs
it.
"""

import os

collect_ignore = [] if os.environ.get("HUB_TEST") else ["test_hub_cycle.py"]
