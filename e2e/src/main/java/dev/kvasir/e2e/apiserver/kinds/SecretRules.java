package dev.kvasir.e2e.apiserver.kinds;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.e2e.apiserver.model.ApiException.Cause;
import dev.kvasir.e2e.apiserver.model.Json;
import dev.kvasir.e2e.apiserver.model.KubeObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** A secret's stringData becomes data; data is base64. */
final class SecretRules implements KindRules {
  @Override
  public void defaults(KubeObject secret) {
    Json.setDefault(secret.json(), "type", "Opaque");
    JsonNode plain = secret.json().remove("stringData");
    if (plain != null && plain.isObject()) {
      ObjectNode data = Json.child(secret.json(), "data");
      plain.properties().forEach(e -> data.put(e.getKey(), encode(e.getValue().asText())));
    }
  }

  @Override
  public List<Cause> validate(KubeObject secret) {
    List<Cause> causes = new ArrayList<>();
    for (var entry : secret.json().path("data").properties()) {
      try {
        Base64.getDecoder().decode(entry.getValue().asText());
      } catch (IllegalArgumentException e) {
        causes.add(
            Cause.invalid("data[" + entry.getKey() + "]", "\"...\"", "must be base64 encoded"));
      }
    }
    return causes;
  }

  private static String encode(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
