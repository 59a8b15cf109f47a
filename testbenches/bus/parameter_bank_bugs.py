"""Mistakes that people make in `bus.parameter_bank`, and what must catch each."""

from __future__ import annotations

from spikelock.formal.bus import parameter_bank_mutants as broken
from spikelock.testbenches.known_bugs.bug import Catch, KnownBug
from spikelock.testbenches.problem import Detector

SCOREBOARD = Catch(Detector.SCOREBOARD, "rtl")

BUGS = (
    KnownBug("sum-not-compared", broken.SUM_NOT_COMPARED, "default", SCOREBOARD),
    KnownBug("nothing-applied", broken.NOTHING_APPLIED, "default", SCOREBOARD),
    KnownBug("any-bank", broken.ANY_BANK, "default", SCOREBOARD),
    KnownBug("aliased", broken.ALIASED, "default", SCOREBOARD),
    KnownBug("high-word-ignored", broken.HIGH_WORD_IGNORED, "default", SCOREBOARD),
    KnownBug("sign-ignored", broken.SIGN_IGNORED, "wide", SCOREBOARD),
    KnownBug("not-staged", broken.NOT_STAGED, "default", SCOREBOARD),
    KnownBug("piecemeal", broken.PIECEMEAL, "default", SCOREBOARD),
    KnownBug("set-before-lost", broken.SET_BEFORE_LOST, "default", SCOREBOARD),
    KnownBug("back-twice", broken.BACK_TWICE, "default", SCOREBOARD),
    KnownBug("staged-after-rollback", broken.STAGED_AFTER_ROLLBACK, "default", SCOREBOARD),
    KnownBug("staged-after-begin", broken.STAGED_AFTER_BEGIN, "default", SCOREBOARD),
    KnownBug("sum-goes-on", broken.SUM_GOES_ON, "default", SCOREBOARD),
    KnownBug("last-byte-left-out", broken.LAST_BYTE_LEFT_OUT, "default", SCOREBOARD),
    KnownBug("refused-summed", broken.REFUSED_SUMMED, "default", SCOREBOARD),
    KnownBug("one-trap", broken.ONE_TRAP, "default", SCOREBOARD),
    KnownBug("count-wraps", broken.COUNT_WRAPS, "wide", SCOREBOARD),
    KnownBug("answer-untaken", broken.ANSWER_UNTAKEN, "default", Catch(Detector.PROTOCOL, "rtl")),
    KnownBug("not-told", broken.NOT_TOLD, "default", Catch(Detector.PROTOCOL, "rtl")),
)
