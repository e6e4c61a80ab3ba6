package dev.kvasir.e2e.simulation;

/** Decides how many replicas a fleet should have; keeps what it needs between two looks. */
interface Autoscaler {

  /** Seconds between two looks. */
  double interval();

  /** Replicas that should be there, draining ones not counted. */
  int desired(Fleet fleet, double now);
}
