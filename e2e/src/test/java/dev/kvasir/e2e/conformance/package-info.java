/**
 * What the local cluster promises of its Kubernetes API. The real one defines the truth: every test
 * runs against both.
 */
package dev.kvasir.e2e.conformance;
