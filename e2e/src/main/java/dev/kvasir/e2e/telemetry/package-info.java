/** How long the operator's telemetry takes for a large fleet of simulated pods. */
package dev.kvasir.e2e.telemetry;
