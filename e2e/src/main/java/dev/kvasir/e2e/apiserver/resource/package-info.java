/** Which resources are served: the built-in ones, and those that CRDs define. */
package dev.kvasir.e2e.apiserver.resource;
