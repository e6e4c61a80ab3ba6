package dev.kvasir.e2e.apiserver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.e2e.apiserver.model.Json;
import dev.kvasir.e2e.apiserver.model.KubeObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;

/** JSON for tests: written as YAML, or random. */
public final class TestingJson {
  private TestingJson() {}

  public static JsonNode yaml(String text) {
    try {
      return Json.parse(Json.bytes(Json.parseYaml(text.getBytes(StandardCharsets.UTF_8))));
    } catch (IOException e) {
      throw new UncheckedIOException(text, e);
    }
  }

  public static KubeObject object(String text) {
    return new KubeObject((ObjectNode) yaml(text));
  }

  /** An object of a few fields, nested up to a depth; never null within. */
  public static ObjectNode random(SplittableRandom random, int depth) {
    ObjectNode object = Json.object();
    int fields = random.nextInt(4);
    for (int i = 0; i < fields; i++) {
      object.set("f" + random.nextInt(5), value(random, depth));
    }
    return object;
  }

  private static JsonNode value(SplittableRandom random, int depth) {
    return switch (random.nextInt(depth > 0 ? 4 : 2)) {
      case 0 -> object("{v: " + random.nextInt(3) + "}").json().get("v");
      case 1 -> object("{v: t" + random.nextInt(3) + "}").json().get("v");
      case 2 -> random(random, depth - 1);
      default -> {
        ArrayNode array = Json.array();
        int items = random.nextInt(3);
        for (int i = 0; i < items; i++) {
          array.add(value(random, depth - 1));
        }
        yield array;
      }
    };
  }
}
