/**
 * Services as small HTTP proxies: what kube-proxy and a load balancer do in a cluster, per request.
 */
package dev.kvasir.e2e.proxy;
