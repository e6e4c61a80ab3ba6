package dev.kvasir.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The sample model's held-out questions, answered by the real server. */
class SampleModelIT {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final int PER_TASK = 50;
  private static final int CLIENTS = 16;

  /** What the model is for; the file has harder questions too, which its card reports. */
  private static final Set<String> TASKS =
      Set.of("sums", "recall", "capitals", "json", "greeting", "about");

  @Test
  void itAnswersNineOfTenQuestionsOfEachTask(@TempDir Path folder) throws Exception {
    Map<String, List<JsonNode>> tasks = questions();
    assertEquals(TASKS, tasks.keySet());
    try (TestingProcess runtime = TestingProcess.serve(folder)) {
      for (Map.Entry<String, List<JsonNode>> task : tasks.entrySet()) {
        long right = right(runtime, task.getValue());
        int asked = task.getValue().size();
        System.out.println(task.getKey() + ": " + right + " of " + asked + " right");
        assertTrue(right >= 0.9 * asked, task.getKey() + ": " + right + " of " + asked + " right");
      }
      assertEquals(0, runtime.metric("kvasir_blocks{state=\"used\""));
      assertEquals(0, runtime.metric("kvasir_streams_total{outcome=\"dropped\""));
    }
  }

  /** Spread over the file, so that no one kind of question fills the sample. */
  private static Map<String, List<JsonNode>> questions() throws Exception {
    Map<String, List<JsonNode>> all = new TreeMap<>();
    for (String line : Files.readAllLines(Path.of("models/sample/heldout.jsonl"))) {
      JsonNode question = MAPPER.readTree(line);
      all.computeIfAbsent(question.get("task").asText(), t -> new ArrayList<>()).add(question);
    }
    all.keySet().retainAll(TASKS);
    Map<String, List<JsonNode>> chosen = new TreeMap<>();
    all.forEach((task, questions) -> chosen.put(task, spread(questions)));
    return chosen;
  }

  private static List<JsonNode> spread(List<JsonNode> questions) {
    int step = Math.max(1, questions.size() / PER_TASK);
    List<JsonNode> chosen = new ArrayList<>();
    for (int i = 0; i < questions.size() && chosen.size() < PER_TASK; i += step) {
      chosen.add(questions.get(i));
    }
    return chosen;
  }

  private static long right(TestingProcess runtime, List<JsonNode> questions) throws Exception {
    long right = 0;
    try (ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
      List<Future<Boolean>> answers = new ArrayList<>();
      for (JsonNode question : questions) {
        answers.add(clients.submit(() -> isRight(runtime, question)));
      }
      for (Future<Boolean> answer : answers) {
        right += answer.get() ? 1 : 0;
      }
    }
    return right;
  }

  private static boolean isRight(TestingProcess runtime, JsonNode question) throws Exception {
    ObjectNode body = MAPPER.createObjectNode().put("temperature", 0).put("max_tokens", 200);
    body.set("messages", question.get("messages"));
    JsonNode answer =
        TestingProcess.json(runtime.post("/v1/chat/completions", body.toString()).body());
    return question
        .get("expected")
        .asText()
        .equals(answer.at("/choices/0/message/content").asText());
  }
}
