/** The local cluster behind ./quickstart, and what the end-to-end tests need. */
package dev.kvasir.e2e;
