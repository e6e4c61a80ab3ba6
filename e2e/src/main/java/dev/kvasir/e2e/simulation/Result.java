package dev.kvasir.e2e.simulation;

/** A contestant and what it made of the trace. */
record Result(Contestant contestant, Outcome outcome) {}
