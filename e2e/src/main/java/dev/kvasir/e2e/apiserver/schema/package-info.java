/**
 * Structural schemas: of custom resources from their CRD, of the others from the client's model.
 */
package dev.kvasir.e2e.apiserver.schema;
