"""From a scenario file to a run: load, check, build the world, simulate, keep the results."""

__all__: list[str] = []
