/** What is particular to single built-in kinds: defaults, validation, what follows a write. */
package dev.kvasir.e2e.apiserver.kinds;
