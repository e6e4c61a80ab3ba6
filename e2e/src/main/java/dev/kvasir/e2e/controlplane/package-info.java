/** The Kubernetes API that a local cluster runs on, and the real one among them. */
package dev.kvasir.e2e.controlplane;
