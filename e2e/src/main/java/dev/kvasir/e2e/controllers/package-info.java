/**
 * What kube-controller-manager does for an embedded API server, as far as this project's objects
 * need it: Deployments, ReplicaSets, owner references, disruption budgets.
 *
 * <p>Each controller reads what it decides on from the API server, not from a cache, so a decision
 * never rests on a write that it has not seen. The decisions are plain functions of what was read.
 */
package dev.kvasir.e2e.controllers;
