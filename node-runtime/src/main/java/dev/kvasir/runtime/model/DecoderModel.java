package dev.kvasir.runtime.model;

import dev.kvasir.runtime.device.AttentionShape;
import dev.kvasir.runtime.device.Buffer;
import dev.kvasir.runtime.device.Device;
import dev.kvasir.runtime.device.KvLayer;
import dev.kvasir.runtime.device.Ops;
import dev.kvasir.runtime.device.Rope;
import dev.kvasir.runtime.device.StepHandle;
import dev.kvasir.runtime.device.WeightVector;
import dev.kvasir.runtime.scheduler.StepPlan;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The forward pass of all families, as a list of op calls on a device's buffers. */
public final class DecoderModel implements Ops.Model {
  private final DecoderWeights weights;
  private final List<KvLayer> cache;
  private final Ops ops;
  private final ModelConfig config;
  private final List<Kind> kinds;
  private final float epsilon;

  private final Buffer residual;
  private final Buffer normed;
  private final Buffer qkv;
  private final Buffer attended;
  private final Buffer delta;
  private final Buffer gateUp;
  private final Buffer activated;
  private final Buffer lastResidual;
  private final Buffer lastDelta;
  private final Buffer lastNormed;
  private final Buffer logits;

  DecoderModel(
      ModelConfig config,
      DecoderWeights weights,
      Device device,
      List<KvLayer> cache,
      Device.Workspace workspace) {
    this.weights = weights;
    this.cache = cache;
    this.config = config;
    this.kinds = kinds(config);
    this.ops = device.ops(workspace, kinds.stream().map(Kind::rope).distinct().toList());
    this.epsilon = config.normEpsilon();
    int rows = workspace.rows();
    int sampled = workspace.sampledRows();
    int hidden = config.hiddenSize();
    AttentionShape attention = config.attention();
    residual = device.buffer(rows, hidden);
    normed = device.buffer(rows, hidden);
    qkv = device.buffer(rows, attention.qkvWidth());
    attended = device.buffer(rows, attention.queryWidth());
    delta = device.buffer(rows, hidden);
    gateUp = device.buffer(rows, 2 * config.intermediateSize());
    activated = device.buffer(rows, config.intermediateSize());
    lastResidual = device.buffer(sampled, hidden);
    lastDelta = device.buffer(sampled, hidden);
    lastNormed = device.buffer(sampled, hidden);
    logits = device.logits(sampled, config.vocabularySize());
  }

  /** Runs a plan and draws its tokens, at once or when the handle is told to. */
  public StepHandle execute(StepPlan plan, boolean drawsLater) {
    return ops.run(plan, drawsLater, this);
  }

  @Override
  public void forward(StepPlan plan) {
    ops.embed(weights.embedding(), config.embeddingScale(), residual);
    for (int i = 0; i < cache.size(); i++) {
      layer(i, weights.layers().get(i));
    }
    ops.selectSampled(residual, lastResidual);
    ops.selectSampled(delta, lastDelta);
    ops.addNorm(lastResidual, lastDelta, weights.finalNorm(), epsilon, null, lastNormed);
    if (plan.sampled().needsLogits()) {
      ops.linear(lastNormed, weights.head(), logits);
      if (config.logitSoftcap() != 0) {
        ops.softcap(logits, config.logitSoftcap());
      }
    }
  }

  @Override
  public void draw() {
    ops.sample(lastNormed, logits);
  }

  private void layer(int index, DecoderWeights.Layer layer) {
    if (index == 0) {
      ops.norm(residual, layer.attentionNorm(), epsilon, normed);
    } else {
      ops.addNorm(residual, delta, layer.attentionNorm(), epsilon, layer.qkv(), normed);
    }
    attention(layer, kinds.get(index), cache.get(index));
    normOutput(layer.attentionOutputNorm());
    ops.addNorm(residual, delta, layer.mlpNorm(), epsilon, layer.gateUp(), normed);
    mlp(layer);
    normOutput(layer.mlpOutputNorm());
  }

  private void normOutput(Optional<WeightVector> norm) {
    if (norm.isPresent()) {
      ops.norm(delta, norm.get(), epsilon, delta);
    }
  }

  private void attention(DecoderWeights.Layer layer, Kind kind, KvLayer kv) {
    ops.linear(normed, layer.qkv(), qkv);
    ops.qkvRopeWrite(qkv, kind.attention(), layer.headNorms(), kind.rope(), kv);
    ops.attention(qkv, kind.attention(), kv, attended);
    ops.linear(attended, layer.attentionOutput(), delta);
    ops.allReduce(delta);
  }

  private void mlp(DecoderWeights.Layer layer) {
    ops.linear(normed, layer.gateUp(), gateUp);
    ops.gateUpAct(gateUp, config.activation(), layer.down(), activated);
    ops.linear(activated, layer.down(), delta);
    ops.allReduce(delta);
  }

  private static List<Kind> kinds(ModelConfig config) {
    Map<RopeConfig, Rope> ropes = new HashMap<>();
    return config.layers().stream()
        .map(layer ->
            new Kind(
                config.attention(layer),
                ropes.computeIfAbsent(layer.rope(), rope -> rope.rope(config.rotaryDimensions()))))
        .toList();
  }

  /** What an attention does in one layer. */
  private record Kind(AttentionShape attention, Rope rope) {}
}
