/** The rules of CustomResourceDefinitions, x-kubernetes-validations, in CEL. */
package dev.kvasir.e2e.apiserver.cel;
