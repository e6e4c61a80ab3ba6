/** Kubernetes events of the local cluster's components. */
package dev.kvasir.e2e.events;
