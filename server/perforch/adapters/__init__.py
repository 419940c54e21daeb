"""The outside world: processes, files, parsers, stores; each adapter fills a port of `core.ports`."""
