/** Label and field selectors of lists and watches. */
package dev.kvasir.e2e.apiserver.selection;
