package dev.kvasir.operator.console;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * The page's files, a closed list, in memory. They say nothing of the cluster, so all may have
 * them.
 */
final class Assets {
  private static final List<String> OWN =
      List.of(
          "index.html",
          "console.css",
          "main.js",
          "api.js",
          "charts.js",
          "chat.js",
          "format.js",
          "icon.svg",
          "table.js");
  private static final String CHARTS_POM = "META-INF/maven/org.webjars.npm/uplot/pom.properties";

  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "svg", "image/svg+xml");

  private final Map<String, Asset> files = new HashMap<>();

  private record Asset(Buffer bytes, String type, String tag) {}

  Assets() {
    OWN.forEach(name -> files.put(name, read("console/" + name)));
    String charts = "META-INF/resources/webjars/uplot/" + chartsVersion() + "/dist/";
    files.put("uplot.js", read(charts + "uPlot.iife.min.js"));
    files.put("uplot.css", read(charts + "uPlot.min.css"));
    files.put("", files.get("index.html"));
  }

  /** The web jar's folder is named after it. */
  private static String chartsVersion() {
    String pom = new String(bytes(CHARTS_POM), StandardCharsets.UTF_8);
    return pom.lines()
        .filter(line -> line.startsWith("version="))
        .map(line -> line.substring("version=".length()).strip())
        .findFirst()
        .orElseThrow(() -> new IllegalStateException(CHARTS_POM + " names no version"));
  }

  private static Asset read(String resource) {
    byte[] bytes = bytes(resource);
    String type = TYPES.get(resource.substring(resource.lastIndexOf('.') + 1));
    return new Asset(Buffer.buffer(bytes), type, tag(bytes));
  }

  private static byte[] bytes(String resource) {
    try (InputStream in = Assets.class.getClassLoader().getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException(resource + " is not in this build");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String tag(byte[] bytes) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
      return '"' + HexFormat.of().formatHex(digest, 0, 12) + '"';
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  void serve(RoutingContext context) {
    Asset asset = files.get(context.pathParam("*"));
    if (asset == null) {
      context.response().setStatusCode(404).end("there is nothing here");
      return;
    }
    context
        .response()
        .putHeader(HttpHeaders.CONTENT_TYPE, asset.type())
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-cache")
        .putHeader(HttpHeaders.ETAG, asset.tag());
    if (asset.tag().equals(context.request().getHeader(HttpHeaders.IF_NONE_MATCH))) {
      context.response().setStatusCode(304).end();
    } else {
      context.response().end(asset.bytes());
    }
  }
}
