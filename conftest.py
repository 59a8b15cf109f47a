"""Makes the project's own pytest plugin part of every run."""

pytest_plugins = ["spikelock.testbenches.pytest_plugin"]
