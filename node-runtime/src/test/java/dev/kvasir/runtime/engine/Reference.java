package dev.kvasir.runtime.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kvasir.runtime.sampling.SamplingParameters;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What Hugging Face transformers says of a checkpoint, and the rule to hold an engine against it:
 * greedy tokens may differ only where, at the first difference, each side's token is among the
 * other's top three and within 0.1 nat of its best; log-probabilities of tokens that both list
 * agree within 0.05 on average.
 */
record Reference(List<Case> cases) {
  private static final double NEAR_TIE = 0.1;
  private static final double MEAN_DIFFERENCE = 0.05;
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  /** A prompt, its greedy continuation, and the likeliest tokens at each of its positions. */
  record Case(int[] prompt, int[] greedy, List<Map<Integer, Double>> top) {

    GenerationRequest request(String id) {
      SamplingParameters sampling = new SamplingParameters(0, 1, 0, 0, 20);
      return new GenerationRequest(id, prompt, sampling, greedy.length, Set.of());
    }

    GenerationRequest request(String id, Set<Integer> stop) {
      GenerationRequest r = request(id);
      return new GenerationRequest(id, r.promptTokenIds(), r.sampling(), r.maxTokens(), stop);
    }
  }

  /** What an engine said, and how it compares. */
  record Verdict(boolean same, int firstDifference, double meanDifference, String objection) {}

  static Reference read(Path file) throws IOException {
    List<Case> cases = new ArrayList<>();
    for (JsonNode node : new ObjectMapper().readTree(file.toFile()).get("cases")) {
      List<Map<Integer, Double>> top = new ArrayList<>();
      for (JsonNode step : node.get("top_logprobs")) {
        Map<Integer, Double> likeliest = new HashMap<>();
        step.forEach(pair -> likeliest.put(pair.get(0).intValue(), pair.get(1).doubleValue()));
        top.add(likeliest);
      }
      cases.add(new Case(ids(node.get("prompt_ids")), ids(node.get("greedy")), top));
    }
    return new Reference(cases);
  }

  private static int[] ids(JsonNode node) {
    int[] ids = new int[node.size()];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = node.get(i).intValue();
    }
    return ids;
  }

  static List<GenerationEvent.Token> collect(GenerationStream stream) throws InterruptedException {
    List<GenerationEvent.Token> tokens = new ArrayList<>();
    while (true) {
      switch (stream.next(PATIENCE)) {
        case GenerationEvent.Token token -> tokens.add(token);
        case GenerationEvent.Prompt scored -> throw new AssertionError(scored);
        case GenerationEvent.HiddenState state -> throw new AssertionError(state);
        case GenerationEvent.Finished end -> {
          if (end.message() != null) {
            throw new AssertionError(end.reason() + ": " + end.message());
          }
          return tokens;
        }
        case null -> throw new AssertionError("no token came in " + PATIENCE);
      }
    }
  }

  static Verdict judge(Case wanted, List<GenerationEvent.Token> found) {
    return judge(wanted, found, NEAR_TIE);
  }

  static Verdict judge(Case wanted, List<GenerationEvent.Token> found, double nearTie) {
    return judge(wanted, found, nearTie, MEAN_DIFFERENCE);
  }

  /**
   * @param most that log-probabilities may differ on average
   */
  static Verdict judge(
      Case wanted, List<GenerationEvent.Token> found, double nearTie, double most) {
    double difference = 0;
    int compared = 0;
    for (int i = 0; i < wanted.greedy().length; i++) {
      if (i >= found.size()) {
        return new Verdict(false, i, 0, "only %d tokens came".formatted(found.size()));
      }
      Map<Integer, Double> theirs = wanted.top().get(i);
      for (GenerationEvent.TokenLogprob ours : found.get(i).top()) {
        if (theirs.containsKey(ours.id())) {
          difference += Math.abs(theirs.get(ours.id()) - ours.logprob());
          compared++;
        }
      }
      if (found.get(i).id() != wanted.greedy()[i]) {
        String objection = objection(wanted.greedy()[i], theirs, found.get(i), nearTie);
        return verdict(i, difference / compared, objection, most);
      }
    }
    return verdict(-1, difference / compared, null, most);
  }

  private static Verdict verdict(int firstDifference, double mean, String objection, double most) {
    String reason =
        objection == null && mean > most
            ? "log-probabilities differ by %.4f on average".formatted(mean)
            : objection;
    return new Verdict(firstDifference < 0, firstDifference, mean, reason);
  }

  private static String objection(
      int wanted, Map<Integer, Double> theirs, GenerationEvent.Token found, double nearTie) {
    Map<Integer, Double> ours = new HashMap<>();
    found.top().forEach(token -> ours.put(token.id(), (double) token.logprob()));
    if (nearBest(wanted, ours, nearTie) && nearBest(found.id(), theirs, nearTie)) {
      return null;
    }
    return "token %d instead of %d, and it is no near tie".formatted(found.id(), wanted);
  }

  private static boolean nearBest(int id, Map<Integer, Double> logprobs, double nearTie) {
    Double own = logprobs.get(id);
    if (own == null) {
      return false;
    }
    double best = logprobs.values().stream().mapToDouble(v -> v).max().orElseThrow();
    long better = logprobs.values().stream().filter(v -> v > own).count();
    return better < 3 && best - own <= nearTie;
  }
}
