package dev.kvasir.operator.gateway;

/** A replica: its pod, and where it listens. */
record Endpoint(String pod, String host, int port) {}
