/**
 * Server-side apply: who owns which field, as upstream's structured-merge-diff decides it. Paths
 * are lists of the elements that managedFields is written in: {@code f:name}, {@code k:{keys}},
 * {@code v:value}.
 */
package dev.kvasir.e2e.apiserver.ssa;
