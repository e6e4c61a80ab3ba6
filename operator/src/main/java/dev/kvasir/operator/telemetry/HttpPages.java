package dev.kvasir.operator.telemetry;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Reads pages over HTTP, bounded in time and bytes. */
public final class HttpPages implements Pages, AutoCloseable {
  private static final int OK = 200;

  private final HttpClient http;
  private final Duration timeout;
  private final long mostBytes;

  public HttpPages(Duration timeout, long mostBytes) {
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .executor(Executors.newVirtualThreadPerTaskExecutor())
            .connectTimeout(timeout)
            .build();
    this.timeout = timeout;
    this.mostBytes = mostBytes;
  }

  @Override
  public String read(URI address) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(address).timeout(timeout).build();
    CompletableFuture<HttpResponse<String>> coming =
        http.sendAsync(
            request,
            BodyHandlers.limiting(BodyHandlers.ofString(StandardCharsets.UTF_8), mostBytes));
    HttpResponse<String> response = await(coming, address);
    if (response.statusCode() != OK) {
      throw new IOException(address + " answers " + response.statusCode());
    }
    return response.body();
  }

  /** The request's own timeout ends with the headers; this one is for the body too. */
  private HttpResponse<String> await(CompletableFuture<HttpResponse<String>> coming, URI address)
      throws IOException, InterruptedException {
    try {
      return coming.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new IOException(address + ": " + e.getCause().getMessage(), e.getCause());
    } catch (TimeoutException e) {
      throw new IOException(address + " does not answer within " + timeout.toMillis() + " ms", e);
    } finally {
      coming.cancel(true);
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
