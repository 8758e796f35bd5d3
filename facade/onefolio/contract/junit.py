"""Write a report as JUnit XML: one test case for each operation and check.

The file is valid according to the schemas of Ant (`JUnit.xsd` of windyroad) and of Jenkins (`junit-10.xsd` of its xUnit
plugin). Of these, the former permits the output of a suite alone, so that the drift of all operations is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from xml.etree import ElementTree

from onefolio_runtime import escape_controls, shorten

from .._core.text import pluralize
from .report import Finding, Report

_MESSAGE_LENGTH = 300

_NOT_IN_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_xml(report: Report, finished: datetime) -> str:
    """Return a report as JUnit XML.

    Args:
        report: the report.
        finished: the time at which the run ended, with its time zone.
    """
    cases = [case for operation in _operations(report) for case in _cases(report, operation)]
    counts = {
        "tests": str(len(cases)),
        "failures": str(sum(case.find("failure") is not None for case in cases)),
        "errors": "0",
        "skipped": str(sum(case.find("skipped") is not None for case in cases)),
    }
    suite = ElementTree.Element(
        "testsuite",
        {
            "id": "0",
            "package": "onefolio.contract",
            "name": f"onefolio contract {report.provider}",
            "timestamp": finished.strftime("%Y-%m-%dT%H:%M:%S"),
            "hostname": "localhost",
            **counts,
            "time": f"{report.seconds:.3f}",
        },
    )
    properties = ElementTree.SubElement(suite, "properties")
    for name, value in _properties(report).items():
        ElementTree.SubElement(properties, "property", name=name, value=_clean(value))
    suite.extend(cases)
    ElementTree.SubElement(suite, "system-out").text = _clean("\n".join(_drift(report)))
    ElementTree.SubElement(suite, "system-err").text = _clean("\n".join(f"note: {note}" for note in report.notes))
    root = ElementTree.Element("testsuites")
    root.append(suite)
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _properties(report: Report) -> dict[str, str]:
    return {
        "base_url": report.base_url,
        "profile": report.profile,
        "seed": str(report.seed),
        "requests": str(report.requests),
        "drift": str(len(report.drifts)),
    }


def _operations(report: Report) -> list[str]:
    """Return the operations of the spec, and others that a finding names."""
    return list(dict.fromkeys([*report.tried, *(finding.operation for finding in report.findings)]))


def _cases(report: Report, operation: str) -> Iterator[ElementTree.Element]:
    """Yield a test case for each check of an operation."""
    findings: dict[str, list[Finding]] = {check: [] for check in report.checks}
    for finding in report.findings:
        if finding.operation == operation:
            findings.setdefault(finding.check, []).append(finding)
    reason = report.untested.get(operation)
    for check, found in findings.items():
        name = f"{report.provider}.{operation}"
        case = ElementTree.Element("testcase", classname=_clean(name), name=_clean(check), time="0")
        if found:
            message = shorten(_describe(found[0]), _MESSAGE_LENGTH)
            more = f" (and {pluralize(len(found) - 1, 'more finding')})" if found[1:] else ""
            failure = ElementTree.SubElement(case, "failure", type=check, message=_clean(message + more))
            failure.text = _clean("\n\n".join(f"{_describe(each)}\n\nReproduce:\n{each.curl}" for each in found))
        elif reason:
            ElementTree.SubElement(case, "skipped", message=reason)
        yield case


def _describe(finding: Finding) -> str:
    cases = pluralize(finding.times, "case")
    return f"{finding.title}: {escape_controls(' '.join(finding.message.split()))} ({finding.phase}, {cases})"


def _drift(report: Report) -> Iterator[str]:
    for operation in report.tried:
        for line in report.drift_lines(operation):
            yield f"drift: {operation}: {escape_controls(line)}"


def _clean(text: str) -> str:
    """Escape the characters that XML does not permit."""
    return _NOT_IN_XML.sub(lambda match: ascii(match.group())[1:-1], text)
