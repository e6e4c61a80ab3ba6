package dev.kvasir.e2e.proxy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** An answer of the proxy itself, with OpenAI's error body. */
record ErrorResponse(int status, String reason, String type, String message, String extraHeader) {
  private static final ObjectMapper JSON = new ObjectMapper();

  static ErrorResponse unavailable(String message) {
    return new ErrorResponse(
        503, "Service Unavailable", "service_unavailable", message, "retry-after: 1\r\n");
  }

  static ErrorResponse invalidRequest(int status, String message) {
    return new ErrorResponse(status, "Error", "invalid_request_error", message, "");
  }

  void send(Socket client) throws IOException {
    byte[] body = body();
    String head =
        "HTTP/1.1 "
            + status
            + " "
            + reason
            + "\r\n"
            + "content-type: application/json\r\ncontent-length: "
            + body.length
            + "\r\n"
            + extraHeader
            + "connection: close\r\n\r\n";
    client.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
    client.getOutputStream().write(body);
    client.shutdownOutput();
  }

  private byte[] body() throws IOException {
    Map<String, Object> error = new LinkedHashMap<>();
    error.put("message", message);
    error.put("type", type);
    error.put("param", null);
    error.put("code", null);
    return JSON.writeValueAsBytes(Map.of("error", error));
  }
}
