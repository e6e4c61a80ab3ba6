package dev.kvasir.runtime.device;

import dev.kvasir.runtime.scheduler.StepPlan;
import java.util.Optional;

/**
 * What a model may ask of a device, one fused operation a method. They run in the order of the
 * calls, on the rows that the plan or {@link #selectSampled} has set; none allocates device memory.
 * A buffer's rows come from the op that wrote it last.
 */
public interface Ops {

  /**
   * Runs a step. A device may record the model's calls and repeat them, without asking the model
   * again, for a later plan that differs in nothing but its arrays' contents.
   *
   * @param plan becomes the current one: token ids, positions, block tables
   * @param drawsLater whether tokens are drawn only when {@link StepHandle#draw} is called
   */
  StepHandle run(StepPlan plan, boolean drawsLater, Model model);

  /** What a model asks of its device in each step. */
  interface Model {
    /** From the plan's tokens to what {@link #draw} samples. */
    void forward(StepPlan plan);

    /** Samples that, by one call of {@link Ops#sample}. */
    void draw();
  }

  /** out = the table's row of each token, times scale. */
  void embed(Weight table, float scale, Buffer out);

  /** out = RMS norm of in; the two may be one buffer. */
  void norm(Buffer in, WeightVector weight, float epsilon, Buffer out);

  /**
   * residual += delta; out = RMS norm of residual.
   *
   * @param reader the linear layer that alone reads out, so that out may be in the form in which it
   *     takes its input; null where others read it too
   */
  void addNorm(
      Buffer residual, Buffer delta, WeightVector weight, float epsilon, Weight reader, Buffer out);

  /** out = weight * in + bias. */
  void linear(Buffer in, Weight weight, Buffer out);

  /**
   * Norms the heads of query and key where there are norms, rotates them in place, then stores key
   * and value where the plan says.
   *
   * @param qkv rows of query, key and value, head by head: {@link AttentionShape#qkvWidth} wide
   */
  void qkvRopeWrite(
      Buffer qkv, AttentionShape shape, Optional<HeadNorms> norms, Rope rope, KvLayer layer);

  /**
   * Causal attention of the query part over keys and values as the cache holds them: {@code out =
   * softmax(cap(scale * query . key)) * value} over the positions that the shape's window shows.
   *
   * @param out heads one after another: {@link AttentionShape#queryWidth} wide
   */
  void attention(Buffer qkv, AttentionShape shape, KvLayer layer, Buffer out);

  /**
   * out = activation(gate) * up, where a row of gateUp is gate then up.
   *
   * @param reader the linear layer that alone reads out
   */
  void gateUpAct(Buffer gateUp, Activation activation, Weight reader, Buffer out);

  /** rows = cap * tanh(rows / cap). */
  void softcap(Buffer rows, float cap);

  /** Where a row-parallel linear ends; on one device nothing is left to add. */
  void allReduce(Buffer buffer);

  /** out = the rows whose next token is wanted. */
  void selectSampled(Buffer in, Buffer out);

  /**
   * Draws a token from each row of logits, scores the plan's target or gives the row's hidden
   * state, as the plan says.
   *
   * @param hidden what the logits were computed from
   */
  void sample(Buffer hidden, Buffer logits);
}
