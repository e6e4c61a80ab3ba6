package dev.kvasir.e2e.controllers;

import io.fabric8.kubernetes.api.model.HasMetadata;

/** An object of a known kind. */
record ObjectKey(String namespace, String name) {
  static ObjectKey of(HasMetadata object) {
    return new ObjectKey(object.getMetadata().getNamespace(), object.getMetadata().getName());
  }

  @Override
  public String toString() {
    return namespace + "/" + name;
  }
}
