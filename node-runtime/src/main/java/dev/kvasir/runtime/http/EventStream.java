package dev.kvasir.runtime.http;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** A response of server-sent events, each flushed at once. */
final class EventStream {
  private static final byte[] DATA = "data: ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] END = "\n\n".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] DONE = "data: [DONE]\n\n".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] COMMENT = ": keep-alive\n\n".getBytes(StandardCharsets.US_ASCII);

  private final Call call;
  private final OutputStream out;

  EventStream(Call call, OutputStream out) {
    this.call = call;
    this.out = out;
  }

  void data(JsonNode json) throws IOException {
    byte[] body = JsonText.bytes(json);
    byte[] event = new byte[DATA.length + body.length + END.length];
    System.arraycopy(DATA, 0, event, 0, DATA.length);
    System.arraycopy(body, 0, event, DATA.length, body.length);
    System.arraycopy(END, 0, event, DATA.length + body.length, END.length);
    write(event);
  }

  /** Shows proxies that the stream lives, and us whether the client does. */
  void comment() throws IOException {
    write(COMMENT);
  }

  void done() throws IOException {
    write(DONE);
    out.close();
  }

  private void write(byte[] bytes) throws IOException {
    call.enter(Call.Phase.WRITING);
    try {
      out.write(bytes);
      out.flush();
    } finally {
      call.enter(Call.Phase.WORKING);
    }
  }
}
