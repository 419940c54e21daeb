"""Measuring models and ourselves: suites, experiments, reports."""
