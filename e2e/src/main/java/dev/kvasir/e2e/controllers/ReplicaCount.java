package dev.kvasir.e2e.controllers;

/** A ReplicaSet as a rollout sees it; {@code pods} counts those that are still ending, too. */
record ReplicaCount(String name, int wanted, int available, int pods) {}
