/** Autoscalers, ours and those of the peers, over simulated replicas in simulated time. */
package dev.kvasir.e2e.simulation;
