/** Reads what pods say of themselves at /metrics, whichever engine they run. */
package dev.kvasir.operator.telemetry;
