package dev.kvasir.e2e.apiserver.store;

import dev.kvasir.e2e.apiserver.model.KubeObject;
import java.util.Optional;

/**
 * One write.
 *
 * @param before the object as it was, absent where it was made
 * @param after the object as it is, absent where it was removed
 */
public record StoreEvent(
    long version, String collection, Optional<KubeObject> before, Optional<KubeObject> after) {}
