"""What each kind of change means to who reads the answers: the one table of it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Final, Literal, TypeAlias

from attrs import frozen

Direction: TypeAlias = Literal["response", "request"]


class Level(IntEnum):
    """How much a change can harm who reads the answers; the higher, the more."""

    EDITORIAL = 0
    """Only words, examples and the like changed."""
    ADDITIVE = 1
    """There is more than before, or what comes is promised more closely. Today's readers go on as they are."""
    RISKY = 2
    """Something may come that did not before, or it cannot be judged. Readers that did not expect it stumble."""
    BREAKING = 3
    """What readers count on is gone or has another form, or calls that worked are refused."""

    def __str__(self) -> str:
        return self.name.lower()


EDITORIAL, ADDITIVE, RISKY, BREAKING = Level


@frozen
class Rule:
    """A kind of change.

    Args:
        title: the change in a few words.
        response: its level in what is read.
        request: its level in what is sent, where that can be.
        advice: what to do about it.
    """

    title: str
    response: Level
    request: Level
    advice: str = ""

    def level(self, way: Direction) -> Level:
        """Return the level in what is read or in what is sent."""
        return self.response if way == "response" else self.request


_ASK = "Ask the provider what takes its place, and when."

_NONE = "Take care of the case that it is missing."

_WORD = "Map the new word before it comes; an unmapped one has no known meaning."

_READ = "Change what reads it before the provider does."

_ANY = "Be ready for values beyond what was promised."

_SEND = "Change what is sent before the provider refuses it."

_LOOK = "Compare the two places by hand."

RULES: Final[Mapping[str, Rule]] = {
    # operations, servers, keys
    "operation-removed": Rule("operation removed", BREAKING, BREAKING, _ASK),
    "server-removed": Rule("server no longer listed", RISKY, RISKY, "Ask which server takes its place."),
    "security-changed": Rule("today's keys no longer suffice", BREAKING, BREAKING, "Send the keys that are asked for."),
    "security-added": Rule("another way to authenticate", ADDITIVE, ADDITIVE),
    "callbacks-changed": Rule("callbacks changed", RISKY, RISKY, _LOOK),
    # parameters and request bodies
    "parameter-removed": Rule("parameter removed", BREAKING, BREAKING, "Stop sending it: it is refused or ignored."),
    "parameter-added": Rule("optional parameter added", ADDITIVE, ADDITIVE),
    "parameter-demanded": Rule("parameter required that was not", BREAKING, BREAKING, _SEND),
    "parameter-freed": Rule("parameter no longer required", ADDITIVE, ADDITIVE),
    "parameter-style": Rule("parameter is written another way", BREAKING, BREAKING, _SEND),
    "body-demanded": Rule("request body required that was not", BREAKING, BREAKING, _SEND),
    "body-freed": Rule("request body no longer required", ADDITIVE, ADDITIVE),
    "body-removed": Rule("request body removed", RISKY, RISKY, _LOOK),
    "body-added": Rule("optional request body added", ADDITIVE, ADDITIVE),
    # answers
    "success-removed": Rule("documented success removed", BREAKING, BREAKING, _ASK),
    "success-added": Rule("another success status", RISKY, RISKY, "Read this status, or treat it as an error."),
    "error-removed": Rule("documented error removed", RISKY, RISKY, "Expect the error in an undocumented form."),
    "error-added": Rule("another documented error", ADDITIVE, ADDITIVE),
    "content-removed": Rule("content type removed", BREAKING, BREAKING, _ASK),
    "content-added": Rule("another content type", ADDITIVE, ADDITIVE),
    "header-removed": Rule("response header removed", RISKY, RISKY, _NONE),
    "header-added": Rule("response header added", ADDITIVE, ADDITIVE),
    "header-optional": Rule("response header no longer promised", RISKY, RISKY, _NONE),
    "header-promised": Rule("response header promised", ADDITIVE, ADDITIVE),
    # fields
    "field-removed": Rule("field removed", BREAKING, RISKY, _ASK),
    "field-added": Rule("field added", ADDITIVE, ADDITIVE),
    "field-added-to-closed": Rule("field added where none was allowed", RISKY, ADDITIVE, "Let readers accept it."),
    "field-demanded": Rule("field required that was not there", ADDITIVE, BREAKING, _SEND),
    "field-optional": Rule("field no longer required", RISKY, ADDITIVE, _NONE),
    "field-required": Rule("field now required", ADDITIVE, BREAKING, _SEND),
    "field-of-requests": Rule("field no longer sent in answers", BREAKING, ADDITIVE, _ASK),
    "field-of-answers": Rule("field no longer accepted in requests", ADDITIVE, RISKY, "Stop sending it."),
    "other-fields-removed": Rule("further named values removed", BREAKING, RISKY, _ASK),
    "other-fields-allowed": Rule("undocumented fields may come", RISKY, ADDITIVE, "Let readers accept them."),
    "other-fields-refused": Rule("no undocumented fields any more", ADDITIVE, RISKY, "Send documented fields only."),
    "other-fields-stated": Rule("further values are of a stated type", ADDITIVE, BREAKING, _SEND),
    # types
    "type-changed": Rule("type changed", BREAKING, BREAKING, _READ),
    "type-widened": Rule("further types may come", BREAKING, ADDITIVE, _READ),
    "type-dropped": Rule("type no longer stated", BREAKING, ADDITIVE, _READ),
    "type-unstated": Rule("type no longer stated, its fields are", RISKY, ADDITIVE, _ANY),
    "type-narrowed": Rule("fewer types", ADDITIVE, BREAKING, _SEND),
    "null-added": Rule("may be null", RISKY, ADDITIVE, _NONE),
    "null-removed": Rule("never null any more", ADDITIVE, BREAKING, _SEND),
    "alternative-added": Rule("another alternative", RISKY, ADDITIVE, _READ),
    "alternative-unlike": Rule("another form, without what readers count on", BREAKING, ADDITIVE, _READ),
    "alternative-removed": Rule("alternative removed", ADDITIVE, BREAKING, _SEND),
    "tag-changed": Rule("another field tells the alternatives apart", BREAKING, BREAKING, _READ),
    "tag-dropped": Rule("no field is said to tell the alternatives apart", RISKY, RISKY, _LOOK),
    "tag-added": Rule("new word for an alternative", RISKY, ADDITIVE, _WORD),
    "tag-removed": Rule("word for an alternative removed", RISKY, BREAKING, _READ),
    "tag-moved": Rule("a word means another alternative", BREAKING, BREAKING, _READ),
    # values
    "word-added": Rule("new value", RISKY, ADDITIVE, _WORD),
    "word-removed": Rule("value removed", RISKY, BREAKING, "Ask in which word the same comes from now on."),
    "words-opened": Rule("other values than the listed may come", RISKY, ADDITIVE, _ANY),
    "words-closed": Rule("only listed values from now on", ADDITIVE, BREAKING, _SEND),
    "words-unlisted": Rule("values no longer listed", EDITORIAL, EDITORIAL),
    "words-listed": Rule("values listed", ADDITIVE, ADDITIVE),
    "format-changed": Rule("format changed", BREAKING, BREAKING, _READ),
    "format-widened": Rule("wider format", RISKY, ADDITIVE, _ANY),
    "format-narrowed": Rule("narrower format", ADDITIVE, BREAKING, _SEND),
    "format-dropped": Rule("format no longer stated", RISKY, ADDITIVE, _ANY),
    "format-stated": Rule("format stated", ADDITIVE, RISKY, _SEND),
    "format-other": Rule("format has another name", RISKY, RISKY, _LOOK),
    "pattern-changed": Rule("pattern changed", RISKY, RISKY, _LOOK),
    "pattern-dropped": Rule("pattern no longer stated", RISKY, ADDITIVE, _ANY),
    "pattern-stated": Rule("pattern stated", ADDITIVE, RISKY, _SEND),
    "limit-widened": Rule("wider limit", RISKY, ADDITIVE, _ANY),
    "limit-narrowed": Rule("narrower limit", ADDITIVE, BREAKING, _SEND),
    "keyword-changed": Rule("a condition changed that cannot be judged", RISKY, RISKY, _LOOK),
    # words for people
    "default-changed": Rule("default changed", EDITORIAL, RISKY, "State the value in the request."),
    "deprecated": Rule("deprecated", EDITORIAL, EDITORIAL, "Plan to do without it: it is going to be removed."),
    "undeprecated": Rule("no longer deprecated", EDITORIAL, EDITORIAL),
    "reworded": Rule("description or example changed", EDITORIAL, EDITORIAL),
}
"""Every kind of change, by its name."""
