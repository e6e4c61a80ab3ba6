package dev.kvasir.e2e.apiserver.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import dev.kvasir.e2e.apiserver.model.ApiException;
import dev.kvasir.e2e.apiserver.model.Json;
import dev.kvasir.e2e.apiserver.model.KubeObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;

/**
 * Reads Kubernetes' protobuf form of the few kinds that kubectl sends in it: those of kubectl
 * create, and the eviction of kubectl drain. The numbers are those of upstream's generated.proto.
 */
final class ProtobufBody {
  private static final byte[] MAGIC = {'k', '8', 's', 0};
  private static final int MAX_DEPTH = 16;

  /** What a field is: its name, its form, and the message it holds. */
  private record Field(String name, Form form, String message) {
    static Field of(String name, Form form) {
      return new Field(name, form, "");
    }

    static Field message(String name, String message) {
      return new Field(name, Form.MESSAGE, message);
    }
  }

  private enum Form {
    TEXT,
    TEXTS,
    NUMBER,
    BOOLEAN,
    TIME,
    TEXT_MAP,
    BYTES_MAP,
    MESSAGE,
    MESSAGES
  }

  private static final Field METADATA = Field.message("metadata", "ObjectMeta");

  private static final Map<String, Map<Integer, Field>> MESSAGES =
      Map.of(
          "ObjectMeta",
          Map.ofEntries(
              Map.entry(1, Field.of("name", Form.TEXT)),
              Map.entry(2, Field.of("generateName", Form.TEXT)),
              Map.entry(3, Field.of("namespace", Form.TEXT)),
              Map.entry(5, Field.of("uid", Form.TEXT)),
              Map.entry(6, Field.of("resourceVersion", Form.TEXT)),
              Map.entry(7, Field.of("generation", Form.NUMBER)),
              Map.entry(8, Field.of("creationTimestamp", Form.TIME)),
              Map.entry(11, Field.of("labels", Form.TEXT_MAP)),
              Map.entry(12, Field.of("annotations", Form.TEXT_MAP)),
              Map.entry(13, new Field("ownerReferences", Form.MESSAGES, "OwnerReference")),
              Map.entry(14, Field.of("finalizers", Form.TEXTS))),
          "OwnerReference",
          Map.of(
              1, Field.of("kind", Form.TEXT),
              3, Field.of("name", Form.TEXT),
              4, Field.of("uid", Form.TEXT),
              5, Field.of("apiVersion", Form.TEXT),
              6, Field.of("controller", Form.BOOLEAN),
              7, Field.of("blockOwnerDeletion", Form.BOOLEAN)),
          "Namespace",
          Map.of(1, METADATA),
          "ConfigMap",
          Map.of(
              1, METADATA,
              2, Field.of("data", Form.TEXT_MAP),
              3, Field.of("binaryData", Form.BYTES_MAP),
              4, Field.of("immutable", Form.BOOLEAN)),
          "Secret",
          Map.of(
              1, METADATA,
              2, Field.of("data", Form.BYTES_MAP),
              3, Field.of("type", Form.TEXT),
              4, Field.of("stringData", Form.TEXT_MAP),
              5, Field.of("immutable", Form.BOOLEAN)),
          "ServiceAccount",
          Map.of(1, METADATA, 4, Field.of("automountServiceAccountToken", Form.BOOLEAN)),
          "Eviction",
          Map.of(1, METADATA, 2, Field.message("deleteOptions", "DeleteOptions")),
          "DeleteOptions",
          Map.of(
              1, Field.of("gracePeriodSeconds", Form.NUMBER),
              2, Field.message("preconditions", "Preconditions"),
              4, Field.of("propagationPolicy", Form.TEXT),
              5, Field.of("dryRun", Form.TEXTS)),
          "Preconditions",
          Map.of(1, Field.of("uid", Form.TEXT), 2, Field.of("resourceVersion", Form.TEXT)));

  private ProtobufBody() {}

  static ObjectNode decode(byte[] body) throws IOException {
    if (body.length < MAGIC.length || !Arrays.equals(body, 0, 4, MAGIC, 0, 4)) {
      throw ApiException.badRequest("the body is no protobuf of Kubernetes");
    }
    CodedInputStream in = CodedInputStream.newInstance(body, MAGIC.length, body.length - 4);
    String apiVersion = "";
    String kind = "";
    byte[] raw = new byte[0];
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case 1 -> {
          CodedInputStream type = in.readBytes().newCodedInput();
          for (int t = type.readTag(); t != 0; t = type.readTag()) {
            String text = type.readStringRequireUtf8();
            apiVersion = WireFormat.getTagFieldNumber(t) == 1 ? text : apiVersion;
            kind = WireFormat.getTagFieldNumber(t) == 2 ? text : kind;
          }
        }
        case 2 -> raw = in.readByteArray();
        default -> in.skipField(tag);
      }
    }
    if (!MESSAGES.containsKey(kind)) {
      throw new ApiException(
          415,
          "UnsupportedMediaType",
          "protobuf of kind %s is not read here: send JSON, for example with kubectl apply"
              .formatted(kind),
          Json.object());
    }
    ObjectNode object = Json.object().put("apiVersion", apiVersion).put("kind", kind);
    read(CodedInputStream.newInstance(raw), kind, object, 0);
    return object;
  }

  private static void read(CodedInputStream in, String message, ObjectNode into, int depth)
      throws IOException {
    if (depth > MAX_DEPTH) {
      throw ApiException.badRequest("the body is nested too deeply");
    }
    Map<Integer, Field> fields = MESSAGES.get(message);
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      Field field = fields.get(WireFormat.getTagFieldNumber(tag));
      if (field == null) {
        in.skipField(tag);
      } else {
        read(in, field, into, depth);
      }
    }
  }

  private static void read(CodedInputStream in, Field field, ObjectNode into, int depth)
      throws IOException {
    String name = field.name();
    switch (field.form()) {
      case TEXT -> putUnlessEmpty(into, name, in.readStringRequireUtf8());
      case TEXTS -> into.withArray("/" + name).add(in.readStringRequireUtf8());
      case NUMBER -> into.put(name, in.readInt64());
      case BOOLEAN -> into.put(name, in.readBool());
      case TIME -> time(in.readBytes().newCodedInput(), name, into);
      case TEXT_MAP, BYTES_MAP ->
          entry(in.readBytes().newCodedInput(), field.form(), Json.child(into, name));
      case MESSAGE ->
          read(in.readBytes().newCodedInput(), field.message(), Json.child(into, name), depth + 1);
      case MESSAGES ->
          read(
              in.readBytes().newCodedInput(),
              field.message(),
              into.withArray("/" + name).addObject(),
              depth + 1);
    }
  }

  private static void putUnlessEmpty(ObjectNode into, String name, String text) {
    if (!text.isEmpty()) {
      into.put(name, text);
    }
  }

  private static void time(CodedInputStream in, String name, ObjectNode into) throws IOException {
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (WireFormat.getTagFieldNumber(tag) == 1) {
        into.put(name, KubeObject.timestamp(Instant.ofEpochSecond(in.readInt64())));
      } else {
        in.skipField(tag);
      }
    }
  }

  private static void entry(CodedInputStream in, Form form, ObjectNode into) throws IOException {
    String key = "";
    byte[] value = new byte[0];
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (WireFormat.getTagFieldNumber(tag) == 1) {
        key = in.readStringRequireUtf8();
      } else {
        value = in.readByteArray();
      }
    }
    into.put(
        key,
        form == Form.BYTES_MAP
            ? Base64.getEncoder().encodeToString(value)
            : new String(value, StandardCharsets.UTF_8));
  }
}
