package dev.kvasir.operator.gateway;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * What the gateway reads of a request's body; the rest is the runtime's to judge.
 *
 * @param modelStart where the model's value begins in the body, its quote included
 * @param modelEnd where it ends
 */
record ModelRequest(Buffer body, String model, boolean stream, int modelStart, int modelEnd) {
  private static final JsonFactory JSON =
      JsonFactory.builder().disable(JsonFactory.Feature.INTERN_FIELD_NAMES).build();
  private static final int LONGEST_NAME = 512;
  private static final int BYTES_PER_TOKEN = 4;

  /** Why a body can't be used. */
  static final class BadRequestException extends Exception {
    private static final long serialVersionUID = 1;

    private final transient ApiError error;

    BadRequestException(String param, String message) {
      super(message);
      this.error = ApiError.invalid(param, message);
    }

    ApiError error() {
      return error;
    }
  }

  static ModelRequest parse(Buffer body) throws BadRequestException {
    try (JsonParser json = JSON.createParser(body.getBytes())) {
      return new Reading(body).read(json);
    } catch (JsonProcessingException e) {
      throw new BadRequestException(
          null,
          "the body is not valid JSON: %s (line %d, column %d)"
              .formatted(
                  e.getOriginalMessage(),
                  e.getLocation() == null ? 0 : e.getLocation().getLineNr(),
                  e.getLocation() == null ? 0 : e.getLocation().getColumnNr()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The same, as what came of it. */
  static Future<ModelRequest> parsed(Buffer body) {
    try {
      return Future.succeededFuture(parse(body));
    } catch (BadRequestException e) {
      return Future.failedFuture(e);
    }
  }

  /** For whoever scales: a prompt has about this many tokens. */
  long promptTokens() {
    return Math.max(1, body.length() / BYTES_PER_TOKEN);
  }

  /** The body for a replica that knows the model by this name. */
  Buffer bodyFor(String name) {
    if (name.equals(model)) {
      return body;
    }
    String quoted = "\"" + new String(JsonStringEncoder.getInstance().quoteAsString(name)) + "\"";
    return Buffer.buffer(body.length() + quoted.length())
        .appendBuffer(body, 0, modelStart)
        .appendBytes(quoted.getBytes(StandardCharsets.UTF_8))
        .appendBuffer(body, modelEnd, body.length() - modelEnd);
  }

  /** One pass over the top level of an object. */
  private static final class Reading {
    private final Buffer body;
    private String model;
    private boolean stream;
    private int start;
    private int end;

    Reading(Buffer body) {
      this.body = body;
    }

    ModelRequest read(JsonParser json) throws IOException, BadRequestException {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new BadRequestException(null, "the body must be a JSON object");
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        json.nextToken();
        field(name, json);
      }
      if (json.nextToken() != null) {
        throw new BadRequestException(null, "the body has more after its JSON object");
      }
      if (model == null) {
        throw new BadRequestException("model", "the request names no 'model'");
      }
      return new ModelRequest(body, model, stream, start, end);
    }

    private void field(String name, JsonParser json) throws IOException, BadRequestException {
      switch (name) {
        case "model" -> model(json);
        case "stream" -> stream = json.currentToken() == JsonToken.VALUE_TRUE;
        default -> json.skipChildren();
      }
    }

    private void model(JsonParser json) throws IOException, BadRequestException {
      if (json.currentToken() != JsonToken.VALUE_STRING) {
        throw new BadRequestException("model", "'model' must be a string");
      }
      if (model != null) {
        throw new BadRequestException("model", "'model' is there twice");
      }
      start = (int) json.currentTokenLocation().getByteOffset();
      model = json.getText();
      end = (int) json.currentLocation().getByteOffset();
      if (model.isEmpty() || model.length() > LONGEST_NAME) {
        throw new BadRequestException(
            "model", "'model' must have 1 to " + LONGEST_NAME + " characters");
      }
    }
  }
}
