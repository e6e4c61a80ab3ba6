/** Objects in memory, one counter of versions, and a bounded history for watches. */
package dev.kvasir.e2e.apiserver.store;
