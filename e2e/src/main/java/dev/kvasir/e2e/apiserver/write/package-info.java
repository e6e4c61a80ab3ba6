/**
 * Every write: create, update, patch, apply and delete, from what a client sent to what is stored.
 */
package dev.kvasir.e2e.apiserver.write;
