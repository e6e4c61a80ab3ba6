/** An open-loop load generator for OpenAI-compatible endpoints that checks every stream. */
package dev.kvasir.e2e.load;
