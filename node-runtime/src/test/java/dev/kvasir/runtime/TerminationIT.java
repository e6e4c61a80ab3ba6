package dev.kvasir.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SIGTERM, as a kubelet sends it. */
class TerminationIT {
  @TempDir private Path folder;

  @Test
  void runningStreamsFinishAndTheProcessExitsWith0() throws Exception {
    try (TestingProcess runtime = TestingProcess.serve(folder, "--drain-delay", "100ms")) {
      CompletableFuture<HttpResponse<String>> stream = stream(runtime, 300);
      awaitRunning(runtime);
      runtime.process.destroy();
      assertTrue(stream.get(60, TimeUnit.SECONDS).body().endsWith("data: [DONE]\n\n"));
      assertTrue(stream.join().body().contains("\"finish_reason\":\"length\""));
      assertExit(runtime, 0);
    }
  }

  @Test
  void whatIsLeftAtTheTimeoutIsToldAndCounted() throws Exception {
    try (TestingProcess runtime =
        TestingProcess.serve(folder, "--drain-delay", "0s", "--drain-timeout", "50ms")) {
      CompletableFuture<HttpResponse<String>> stream = stream(runtime, 2000);
      awaitRunning(runtime);
      runtime.process.destroy();
      String body = stream.get(60, TimeUnit.SECONDS).body();
      assertTrue(body.contains("this replica is shutting down"), body);
      assertExit(runtime, 1);
    }
  }

  private static CompletableFuture<HttpResponse<String>> stream(
      TestingProcess runtime, int tokens) {
    String body =
        "{\"prompt\": \"hello\", \"ignore_eos\": true, \"stream\": true, \"max_tokens\": "
            + tokens
            + "}";
    return CompletableFuture.supplyAsync(() -> {
      try {
        return runtime.post("/v1/completions", body);
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    });
  }

  private static void awaitRunning(TestingProcess runtime) throws Exception {
    for (int i = 0; i < 3000 && runtime.metric("vllm:num_requests_running") < 1; i++) {
      Thread.sleep(10);
    }
    assertEquals(1, runtime.metric("vllm:num_requests_running"));
  }

  private static void assertExit(TestingProcess runtime, int dropped) throws Exception {
    assertTrue(runtime.process.waitFor(60, TimeUnit.SECONDS), "it did not exit");
    assertEquals(0, runtime.process.exitValue(), Files.readString(runtime.log));
    assertEquals(
        "{\"droppedStreams\":" + dropped + "}", Files.readString(runtime.terminationLog).strip());
  }
}
