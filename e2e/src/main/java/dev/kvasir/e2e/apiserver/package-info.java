/** An embedded Kubernetes API server: what a kube-apiserver is to its clients, in one process. */
package dev.kvasir.e2e.apiserver;
