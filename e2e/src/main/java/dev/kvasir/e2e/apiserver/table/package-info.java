/** The tables that kubectl get prints. */
package dev.kvasir.e2e.apiserver.table;
