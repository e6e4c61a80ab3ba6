package dev.kvasir.e2e.load;

import dev.kvasir.e2e.simulation.Arrival;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;

/** One request and its answer, timed and checked. */
final class Exchange {
  private static final int SHOWN_BYTES = 4096;
  private static final int OK = 200;

  private final HttpClient http;
  private final Watchdog watchdog;
  private final Target target;
  private final HttpRequest request;
  private final long due;
  private final Tally tally;
  private final StreamCheck stream;
  private long sent;
  private long lastTokens;

  Exchange(
      HttpClient http,
      Watchdog watchdog,
      Target target,
      HttpRequest request,
      Arrival arrival,
      long due,
      Tally tally) {
    this.http = http;
    this.watchdog = watchdog;
    this.target = target;
    this.request = request;
    this.due = due;
    this.tally = tally;
    this.stream = new StreamCheck(target, arrival.outputTokens());
  }

  void run(Runnable afterwards) {
    sent = System.nanoTime();
    tally.sent(sent - due);
    try {
      exchange();
      tally.completed(System.nanoTime() - due);
    } catch (Flaw flaw) {
      tally.failed(flaw);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      tally.failed(new Flaw("interrupted", "the run was interrupted"));
    } finally {
      tally.ended(stream);
      afterwards.run();
    }
  }

  private void exchange() throws Flaw, InterruptedException {
    HttpResponse<InputStream> response = send();
    try (InputStream body = response.body();
        Watchdog.Watch watch = watchdog.watch(body)) {
      requireStream(response);
      follow(body, watch);
    } catch (IOException e) {
      throw new Flaw("connection_lost", "after %s: %s".formatted(stream.received(), e));
    }
    stream.end();
  }

  private HttpResponse<InputStream> send() throws Flaw, InterruptedException {
    try {
      return http.send(request, HttpResponse.BodyHandlers.ofInputStream());
    } catch (HttpTimeoutException e) {
      throw tooLong("no answer");
    } catch (ConnectException e) {
      throw new Flaw("connect", "can't connect to " + request.uri() + ": " + e);
    } catch (IOException e) {
      throw new Flaw("connection_lost", "before the answer: " + e);
    }
  }

  private void follow(InputStream body, Watchdog.Watch watch) throws IOException, Flaw {
    var lines = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8));
    try {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        time(stream.line(line));
      }
    } catch (IOException e) {
      if (!watch.hasBitten()) {
        throw e;
      }
    }
    if (watch.hasBitten()) {
      throw tooLong("only " + stream.received());
    }
  }

  private Flaw tooLong(String what) {
    return new Flaw("timeout", what + " within " + target.limit().toSeconds() + " s");
  }

  private void time(int tokens) {
    if (tokens == 0) {
      return;
    }
    long now = System.nanoTime();
    if (lastTokens == 0) {
      tally.firstToken(now - due, now - sent);
    } else {
      tally.tokens(now - lastTokens, tokens);
    }
    lastTokens = now;
  }

  private static void requireStream(HttpResponse<InputStream> response) throws IOException, Flaw {
    if (response.statusCode() != OK) {
      byte[] body = response.body().readNBytes(SHOWN_BYTES);
      throw new Flaw(
          "status_" + response.statusCode(),
          StreamCheck.shown(new String(body, StandardCharsets.UTF_8)));
    }
    String type = response.headers().firstValue("content-type").orElse("none");
    if (!type.startsWith("text/event-stream")) {
      throw new Flaw("not_a_stream", "the content type is " + type);
    }
  }
}
