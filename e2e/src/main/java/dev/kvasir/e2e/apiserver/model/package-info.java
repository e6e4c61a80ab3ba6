/** The words of the embedded API server: objects, resources, errors. */
package dev.kvasir.e2e.apiserver.model;
