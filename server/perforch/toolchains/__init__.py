"""Per build and test tool: how to run given tests and how to read the report. Nothing here runs anything."""
