package dev.kvasir.e2e.proxy;

/** A ready pod's address and port. */
record Backend(String address, int port) {}
