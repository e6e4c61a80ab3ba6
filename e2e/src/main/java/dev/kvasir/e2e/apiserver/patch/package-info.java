/** The three patches of the API beside apply: JSON Patch, merge patch, strategic merge patch. */
package dev.kvasir.e2e.apiserver.patch;
