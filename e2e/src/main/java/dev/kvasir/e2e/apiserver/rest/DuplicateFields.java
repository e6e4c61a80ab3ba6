package dev.kvasir.e2e.apiserver.rest;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Finds fields that JSON sets twice; a tree keeps only the last of them. */
final class DuplicateFields {
  private static final JsonFactory FACTORY = new JsonFactory();

  private DuplicateFields() {}

  /** Their paths: metadata.name, spec.containers[0].image. */
  static List<String> of(byte[] json) throws IOException {
    List<String> duplicates = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    try (JsonParser parser = FACTORY.createParser(json)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        String pointer = parser.getParsingContext().pathAsPointer().toString();
        if (token == JsonToken.FIELD_NAME && !seen.add(pointer)) {
          duplicates.add(readable(pointer));
        }
      }
    }
    return duplicates;
  }

  private static String readable(String pointer) {
    return pointer.substring(1).replaceAll("/(\\d+)(?=/|$)", "[$1]").replace('/', '.');
  }
}
