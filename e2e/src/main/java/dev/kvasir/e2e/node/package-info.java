/**
 * A node agent in small: it binds pods to the one node there is and runs their containers as local
 * processes.
 *
 * <p>What a process can't have is not pretended. There is no mount namespace: a volume is a
 * directory of the pod, and a {@code mountPath} named in the command, arguments or environment of a
 * container is replaced by that directory (but an {@code emptyDir} at {@code /tmp} becomes {@code
 * TMPDIR}). There are no limits, users or capabilities either: a container is a process of the user
 * who started the cluster.
 */
package dev.kvasir.e2e.node;
