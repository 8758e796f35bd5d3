"""The kinds of changes and their levels."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Final, Literal, TypeAlias

from attrs import frozen

Direction: TypeAlias = Literal["response", "request"]


class Level(IntEnum):
    """The effect of a change on API consumers; a higher value is worse."""

    EDITORIAL = 0
    """Only descriptions, examples and other documentation changed."""
    ADDITIVE = 1
    """The API offers more or guarantees more. Today's consumers work without changes."""
    RISKY = 2
    """Responses may contain values that were impossible before, or the effect cannot be determined."""
    BREAKING = 3
    """Values that consumers rely on are removed or have another form, or valid requests are rejected."""

    def __str__(self) -> str:
        return self.name.lower()


EDITORIAL, ADDITIVE, RISKY, BREAKING = Level


@frozen
class Rule:
    """A kind of change.

    Args:
        title: the change in a few words.
        response: its level in responses.
        request: its level in parameters and request bodies.
        advice: the recommended action; empty if none is needed.
    """

    title: str
    response: Level
    request: Level
    advice: str = ""

    def level(self, direction: Direction) -> Level:
        """Return the level in responses or in requests."""
        return self.response if direction == "response" else self.request


_ASK = "Ask the provider for the replacement and the date of the removal."

_ABSENT = "Handle a missing or null value."

_MAP = "Map the new value before the provider sends it; an unmapped value has no known meaning."

_PARSE = "Adapt the code that reads the value before the provider changes it."

_TOLERATE = "Accept values outside of the earlier schema."

_SEND = "Adapt the request before the provider rejects it."

_COMPARE = "Compare both places manually."

RULES: Final[Mapping[str, Rule]] = {
    # operations
    "operation-removed": Rule("operation removed", BREAKING, BREAKING, _ASK),
    "server-removed": Rule("server removed", RISKY, RISKY, "Ask the provider which server replaces it."),
    "security-changed": Rule(
        "credentials no longer sufficient", BREAKING, BREAKING, "Send the credentials that the new document requires."
    ),
    "security-added": Rule("authentication option added", ADDITIVE, ADDITIVE),
    "callbacks-changed": Rule("callbacks changed", RISKY, RISKY, _COMPARE),
    # parameters and request bodies
    "parameter-removed": Rule("parameter removed", BREAKING, BREAKING, "Stop sending it: it is rejected or ignored."),
    "required-parameter-added": Rule("required parameter added", BREAKING, BREAKING, _SEND),
    "optional-parameter-added": Rule("optional parameter added", ADDITIVE, ADDITIVE),
    "parameter-became-required": Rule("parameter became required", BREAKING, BREAKING, _SEND),
    "parameter-became-optional": Rule("parameter became optional", ADDITIVE, ADDITIVE),
    "parameter-style-changed": Rule("parameter serialization changed", BREAKING, BREAKING, _SEND),
    "request-body-removed": Rule("request body removed", RISKY, RISKY, _COMPARE),
    "required-request-body-added": Rule("required request body added", BREAKING, BREAKING, _SEND),
    "optional-request-body-added": Rule("optional request body added", ADDITIVE, ADDITIVE),
    "request-body-became-required": Rule("request body became required", BREAKING, BREAKING, _SEND),
    "request-body-became-optional": Rule("request body became optional", ADDITIVE, ADDITIVE),
    # responses
    "success-status-removed": Rule("success status removed", BREAKING, BREAKING, _ASK),
    "success-status-added": Rule(
        "success status added", RISKY, RISKY, "Read responses with this status, or treat them as errors."
    ),
    "non-success-status-removed": Rule(
        "error status removed", RISKY, RISKY, "Expect this error with an undocumented body."
    ),
    "non-success-status-added": Rule("error status added", ADDITIVE, ADDITIVE),
    "media-type-removed": Rule("media type removed", BREAKING, BREAKING, _ASK),
    "media-type-added": Rule("media type added", ADDITIVE, ADDITIVE),
    "header-removed": Rule("response header removed", RISKY, RISKY, _ABSENT),
    "header-added": Rule("response header added", ADDITIVE, ADDITIVE),
    "header-became-optional": Rule("response header became optional", RISKY, RISKY, _ABSENT),
    "header-became-required": Rule("response header became required", ADDITIVE, ADDITIVE),
    # properties
    "property-removed": Rule("property removed", BREAKING, RISKY, _ASK),
    "property-added": Rule("property added", ADDITIVE, ADDITIVE),
    "property-added-to-closed-object": Rule(
        "property added to an object that allowed no others", RISKY, ADDITIVE, "Accept the property when reading."
    ),
    "required-property-added": Rule("required property added", ADDITIVE, BREAKING, _SEND),
    "property-became-optional": Rule("property became optional", RISKY, ADDITIVE, _ABSENT),
    "property-became-required": Rule("property became required", ADDITIVE, BREAKING, _SEND),
    "property-became-write-only": Rule("property removed from responses", BREAKING, ADDITIVE, _ASK),
    "property-became-read-only": Rule("property removed from requests", ADDITIVE, RISKY, "Stop sending it."),
    "property-became-not-write-only": Rule(
        "property added to responses", RISKY, ADDITIVE, "Accept the property when reading."
    ),
    "property-became-not-read-only": Rule("property added to requests", ADDITIVE, ADDITIVE),
    "additional-properties-removed": Rule("additional properties removed", BREAKING, RISKY, _ASK),
    "additional-properties-allowed": Rule(
        "additional properties allowed", RISKY, ADDITIVE, "Accept undocumented properties."
    ),
    "additional-properties-disallowed": Rule(
        "additional properties disallowed", ADDITIVE, RISKY, "Send documented properties only."
    ),
    "additional-properties-restricted": Rule("additional properties restricted to a schema", ADDITIVE, BREAKING, _SEND),
    # types
    "type-changed": Rule("type changed", BREAKING, BREAKING, _PARSE),
    "type-generalized": Rule("type generalized", BREAKING, ADDITIVE, _PARSE),
    "type-specialized": Rule("type specialized", ADDITIVE, BREAKING, _SEND),
    "type-removed": Rule("type removed", BREAKING, ADDITIVE, _PARSE),
    "type-became-implicit": Rule("type removed, but still implied", RISKY, ADDITIVE, _TOLERATE),
    "became-nullable": Rule("null allowed", RISKY, ADDITIVE, _ABSENT),
    "became-not-nullable": Rule("null disallowed", ADDITIVE, BREAKING, _SEND),
    # unions
    "union-branch-added": Rule("union branch added", RISKY, ADDITIVE, _PARSE),
    "union-incompatible-branch-added": Rule("incompatible union branch added", BREAKING, ADDITIVE, _PARSE),
    "union-branch-removed": Rule("union branch removed", ADDITIVE, BREAKING, _SEND),
    "union-overlap-changed": Rule(
        "overlap of oneOf branches changed",
        RISKY,
        RISKY,
        "Check if a value can match several branches.",
    ),
    "discriminator-property-name-changed": Rule("discriminator property changed", BREAKING, BREAKING, _PARSE),
    "discriminator-removed": Rule("discriminator removed", RISKY, RISKY, _COMPARE),
    "discriminator-mapping-added": Rule("discriminator value added", RISKY, ADDITIVE, _MAP),
    "discriminator-mapping-removed": Rule("discriminator value removed", RISKY, BREAKING, _PARSE),
    "discriminator-mapping-changed": Rule("discriminator value has another schema", BREAKING, BREAKING, _PARSE),
    # values
    "enum-value-added": Rule("enum value added", RISKY, ADDITIVE, _MAP),
    "enum-value-removed": Rule("enum value removed", RISKY, BREAKING, "Ask the provider which value replaces it."),
    "enum-opened": Rule("values outside of the enum allowed", RISKY, ADDITIVE, _TOLERATE),
    "enum-closed": Rule("values restricted to an enum", ADDITIVE, BREAKING, _SEND),
    "enum-extensible-added": Rule("extensible enum added", ADDITIVE, ADDITIVE),
    "enum-extensible-removed": Rule("extensible enum removed", EDITORIAL, EDITORIAL),
    "format-changed": Rule("format changed", BREAKING, BREAKING, _PARSE),
    "format-generalized": Rule("format generalized", RISKY, ADDITIVE, _TOLERATE),
    "format-specialized": Rule("format specialized", ADDITIVE, BREAKING, _SEND),
    "format-added": Rule("format added", ADDITIVE, RISKY, _SEND),
    "format-removed": Rule("format removed", RISKY, ADDITIVE, _TOLERATE),
    "format-custom-changed": Rule("custom format changed", RISKY, RISKY, _COMPARE),
    "pattern-changed": Rule("pattern changed", RISKY, RISKY, _COMPARE),
    "pattern-added": Rule("pattern added", ADDITIVE, RISKY, _SEND),
    "pattern-removed": Rule("pattern removed", RISKY, ADDITIVE, _TOLERATE),
    "constraint-relaxed": Rule("constraint relaxed", RISKY, ADDITIVE, _TOLERATE),
    "constraint-tightened": Rule("constraint tightened", ADDITIVE, BREAKING, _SEND),
    "keyword-changed": Rule("keyword with unknown effect changed", RISKY, RISKY, _COMPARE),
    # documentation
    "default-value-changed": Rule("default value changed", EDITORIAL, RISKY, "Send the value explicitly."),
    "deprecated": Rule("deprecated", EDITORIAL, EDITORIAL, "Prepare for its removal."),
    "reactivated": Rule("no longer deprecated", EDITORIAL, EDITORIAL),
    "documentation-changed": Rule("description or example changed", EDITORIAL, EDITORIAL),
}
"""All rules by id."""
