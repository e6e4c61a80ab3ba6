/** The Kubernetes API of Kvasir: group inference.kvasir.dev, version v1alpha1. */
package dev.kvasir.api.v1alpha1;
