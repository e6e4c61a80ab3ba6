/** The HTTP face: paths, verbs, representations, watches, discovery. */
package dev.kvasir.e2e.apiserver.rest;
