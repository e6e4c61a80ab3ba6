/** Programs started by the local cluster, none of which outlives it. */
package dev.kvasir.e2e.process;
