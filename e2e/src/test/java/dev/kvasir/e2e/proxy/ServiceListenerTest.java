package dev.kvasir.e2e.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The proxy between real sockets: a client on one side, pods that stream on the other. */
@Timeout(60)
class ServiceListenerTest {
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final List<Backend> ready = new CopyOnWriteArrayList<>();
  private final List<TestingPodServer> pods = new ArrayList<>();
  private ServiceListener listener;

  @BeforeEach
  void listen() throws IOException {
    var forwarder = new HttpForwarder(new Backends(() -> List.copyOf(ready)), "default/sample");
    listener = ServiceListener.start("127.0.0.1", 0, forwarder);
  }

  @AfterEach
  void close() {
    listener.close();
    pods.forEach(TestingPodServer::close);
  }

  @Test
  void passesMethodPathHeadersAndBody() throws Exception {
    TestingPodServer pod = pod();
    pod.release(3);
    HttpRequest request =
        HttpRequest.newBuilder(uri("/v1/chat?x=1"))
            .header("authorization", "Bearer secret")
            .POST(HttpRequest.BodyPublishers.ofString("hello"))
            .build();
    HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
    assertEquals(200, response.statusCode());
    assertEquals("event 0\nevent 1\nevent 2\n", response.body());
    assertEquals("POST /v1/chat?x=1 Bearer secret hello", pod.lastRequest());
    assertEquals("pod", response.headers().firstValue("x-test").orElseThrow());
  }

  @Test
  void aChunkReachesTheClientBeforeThePodHasMore() throws Exception {
    TestingPodServer pod = pod();
    pod.release(1);
    try (InputStream body = http.send(get("/"), HttpResponse.BodyHandlers.ofInputStream()).body()) {
      for (int i = 0; i < 3; i++) {
        assertEquals("event " + i + "\n", new String(body.readNBytes(8), StandardCharsets.UTF_8));
        pod.release(1);
      }
      assertEquals(-1, body.read());
    }
  }

  @Test
  void requestsGoToThePodWithTheFewestUnderWay() throws Exception {
    TestingPodServer one = pod();
    TestingPodServer two = pod();
    List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      answers.add(http.sendAsync(get("/"), HttpResponse.BodyHandlers.ofString()));
      awaitRequests(i + 1, one, two);
    }
    assertEquals(5, one.requests());
    assertEquals(5, two.requests());
    one.release(15);
    two.release(15);
    for (var answer : answers) {
      assertEquals(200, answer.get(10, TimeUnit.SECONDS).statusCode());
    }
  }

  @Test
  void twoHundredStreamsAtOnceAllComeWhole() throws Exception {
    TestingPodServer one = pod();
    TestingPodServer two = pod();
    List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      answers.add(http.sendAsync(get("/"), HttpResponse.BodyHandlers.ofString()));
    }
    awaitRequests(200, one, two);
    assertEquals(100, one.requests());
    one.release(600);
    two.release(600);
    for (var answer : answers) {
      assertEquals("event 0\nevent 1\nevent 2\n", answer.get(30, TimeUnit.SECONDS).body());
    }
  }

  @Test
  void aClientThatClosesEndsThePodsRequestAtOnce() throws Exception {
    TestingPodServer pod = pod();
    try (var client = new Socket(InetAddress.getLoopbackAddress(), listener.port())) {
      client
          .getOutputStream()
          .write("GET / HTTP/1.1\r\nhost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      awaitRequests(1, pod);
    }
    assertTrue(pod.clientGone(), "the pod has sent nothing and must see the end all the same");
  }

  @Test
  void aPodThatCannotBeReachedIsReplacedByAnother() throws Exception {
    ready.add(new Backend("127.0.0.1", unusedPort()));
    TestingPodServer pod = pod();
    pod.release(30);
    for (int i = 0; i < 10; i++) {
      assertEquals(200, http.send(get("/"), HttpResponse.BodyHandlers.ofString()).statusCode());
    }
  }

  @Test
  void aStreamThatThePodCutsIsNotMadeToLookWhole() throws Exception {
    TestingPodServer pod = pod();
    pod.release(1);
    try (InputStream body = http.send(get("/"), HttpResponse.BodyHandlers.ofInputStream()).body()) {
      assertEquals("event 0\n", new String(body.readNBytes(8), StandardCharsets.UTF_8));
      pod.close();
      assertThrows(IOException.class, body::readAllBytes);
    }
  }

  @Test
  void aPodThatLeavesTheServiceFinishesItsStreams() throws Exception {
    TestingPodServer pod = pod();
    pod.release(1);
    try (InputStream body = http.send(get("/"), HttpResponse.BodyHandlers.ofInputStream()).body()) {
      ready.clear();
      listener.stopAccepting();
      pod.release(2);
      assertEquals(
          "event 0\nevent 1\nevent 2\n", new String(body.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  @Test
  void withoutAReadyPodTheAnswerSaysSoAtOnce() throws Exception {
    HttpResponse<String> response =
        http.send(get("/v1/models"), HttpResponse.BodyHandlers.ofString());
    assertEquals(503, response.statusCode());
    assertEquals("1", response.headers().firstValue("retry-after").orElseThrow());
    assertEquals(
        "{\"error\":{\"message\":\"Service default/sample has no ready pod. Try again shortly.\",\"type\":\"service_unavailable\",\"param\":null,\"code\":null}}",
        response.body());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "garbage\r\n\r\n",
        "GET / HTTP/2.0\r\n\r\n",
        "GET / HTTP/1.1\r\nbad header\r\n\r\n",
        "POST / HTTP/1.1\r\ncontent-length: x\r\n\r\n",
        "POST / HTTP/1.1\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n",
        "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        "POST / HTTP/1.1\r\ncontent-length: 99999999999\r\n\r\n"
      })
  void whatIsNoRequestIsRefused(String bytes) throws Exception {
    TestingPodServer pod = pod();
    try (var client = new Socket(InetAddress.getLoopbackAddress(), listener.port())) {
      client.getOutputStream().write(bytes.getBytes(StandardCharsets.US_ASCII));
      String answer = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertTrue(answer.matches("(?s)HTTP/1.1 4\\d\\d .*\"invalid_request_error\".*"), answer);
    }
    assertEquals(0, pod.requests());
    assertFalse(pod.clientGone(1));
  }

  @Test
  void aChunkedRequestBodyIsPassedOnWhole() throws Exception {
    TestingPodServer pod = pod();
    pod.release(3);
    try (var client = new Socket(InetAddress.getLoopbackAddress(), listener.port())) {
      String request =
          "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n";
      client.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      assertTrue(
          new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
              .startsWith("HTTP/1.1 200"));
    }
    assertEquals("POST / null hello world", pod.lastRequest());
  }

  private TestingPodServer pod() throws IOException {
    var pod = new TestingPodServer();
    pods.add(pod);
    ready.add(new Backend("127.0.0.1", pod.port()));
    return pod;
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + listener.port() + path);
  }

  private HttpRequest get(String path) {
    return HttpRequest.newBuilder(uri(path)).build();
  }

  private static int unusedPort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static void awaitRequests(int count, TestingPodServer... pods)
      throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (Arrays.stream(pods).mapToInt(TestingPodServer::requests).sum() < count) {
      assertTrue(
          System.nanoTime() < deadline, "only some of " + count + " requests reached the pods");
      Thread.sleep(5);
    }
  }
}
