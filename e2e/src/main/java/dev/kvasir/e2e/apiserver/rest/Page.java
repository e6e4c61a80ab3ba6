package dev.kvasir.e2e.apiserver.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.e2e.apiserver.model.ApiException;
import dev.kvasir.e2e.apiserver.model.KubeObject;
import dev.kvasir.e2e.apiserver.store.ObjectKey;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

/** A part of a list: at most limit objects, and where the next part begins. */
record Page(List<KubeObject> objects, int remaining, String next) {
  private static final String SEPARATOR = "\n";

  static Page of(List<KubeObject> all, ApiRequest request) {
    List<KubeObject> rest = after(all, request.parameter("continue"));
    long limit = request.number("limit").orElse(0L);
    if (limit <= 0 || rest.size() <= limit) {
      return new Page(rest, 0, "");
    }
    List<KubeObject> part = rest.subList(0, (int) limit);
    ObjectKey last = ObjectKey.of(part.getLast());
    String token = last.namespace() + SEPARATOR + last.name();
    return new Page(
        part,
        rest.size() - part.size(),
        Base64.getUrlEncoder().encodeToString(token.getBytes(StandardCharsets.UTF_8)));
  }

  void describe(ObjectNode metadata) {
    if (!next.isEmpty()) {
      metadata.put("continue", next).put("remainingItemCount", remaining);
    }
  }

  private static List<KubeObject> after(List<KubeObject> all, String token) {
    if (token.isEmpty()) {
      return all;
    }
    ObjectKey last = key(token);
    return all.stream().filter(o -> ObjectKey.of(o).compareTo(last) > 0).toList();
  }

  private static ObjectKey key(String token) {
    try {
      String text = new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
      String[] parts = text.split(SEPARATOR, -1);
      if (parts.length == 2) {
        return new ObjectKey(parts[0], parts[1]);
      }
    } catch (IllegalArgumentException e) {
      // Told below: no token of ours.
    }
    throw ApiException.badRequest("continue key is not valid: " + token);
  }
}
