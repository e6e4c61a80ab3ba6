package dev.kvasir.runtime.device.cpu;

/**
 * The tokens that min-p, top-k and top-p keep: those down to a last one, in order of falling logit,
 * lower ids first.
 */
final class TokenOrder {
  private final float[] logits;
  private final int from;
  private final int last;
  private final double least;

  private TokenOrder(float[] logits, int from, int last, double least) {
    this.logits = logits;
    this.from = from;
    this.last = last;
    this.least = least;
  }

  boolean contains(int id) {
    return logits[from + id] >= least
        && (last < 0 || id == last || precedes(logits, from, id, last));
  }

  /**
   * Of the logits that are at least {@code least} keeps the k most likely, then of those the fewest
   * whose probabilities sum to topP.
   */
  static TokenOrder keep(
      float[] logits,
      int from,
      int vocabulary,
      float temperature,
      int topK,
      double topP,
      double least) {
    int k = topK == 0 ? vocabulary : Math.min(topK, vocabulary);
    if (k == vocabulary && topP >= 1) {
      return new TokenOrder(logits, from, -1, least);
    }
    TokenHeap heap = TokenHeap.of(logits, from, vocabulary, least);
    k = Math.min(k, heap.size());
    double wanted = topP >= 1 ? Double.MAX_VALUE : topP * mass(heap, logits, from, k, temperature);
    double max = logits[from + heap.first()];
    double sum = 0;
    int last = -1;
    for (int i = 0; i < k && sum < wanted; i++) {
      last = heap.removeFirst();
      sum += Math.exp((logits[from + last] - max) / temperature);
    }
    return new TokenOrder(logits, from, last, least);
  }

  /** The sum over the k most likely, in units of the likeliest one's weight. */
  private static double mass(TokenHeap heap, float[] logits, int from, int k, float temperature) {
    double max = logits[from + heap.first()];
    double sum = 0;
    if (k == heap.size()) {
      for (int i = 0; i < k; i++) {
        sum += Math.exp((logits[from + heap.id(i)] - max) / temperature);
      }
      return sum;
    }
    TokenHeap copy = heap.copy();
    for (int i = 0; i < k; i++) {
      sum += Math.exp((logits[from + copy.removeFirst()] - max) / temperature);
    }
    return sum;
  }

  static boolean precedes(float[] logits, int from, int a, int b) {
    float first = logits[from + a];
    float second = logits[from + b];
    return first > second || (first == second && a < b);
  }
}
