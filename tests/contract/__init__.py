"""Tests of the contract tests: the mock conforms, and every fault is found."""
