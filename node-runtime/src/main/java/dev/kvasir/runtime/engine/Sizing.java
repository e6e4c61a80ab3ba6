package dev.kvasir.runtime.engine;

import dev.kvasir.runtime.device.Device;
import dev.kvasir.runtime.device.KvLayout;
import dev.kvasir.runtime.device.cpu.CpuDevice;
import dev.kvasir.runtime.kvcache.PoolSize;
import dev.kvasir.runtime.model.ModelSource;
import java.util.List;

/** Turns options and a model into sizes: the KV pool, the longest sequence, the largest step. */
final class Sizing {
  private static final long DEFAULT_KV_BYTES = 1L << 30;
  private static final int DEFAULT_BATCHED_TOKENS = 512;

  private final EngineOptions options;
  private final ModelSource source;
  private final long machineBytes;
  private final int modelMaximum;
  private final int vocabularySize;
  private final long weightBytes;

  /**
   * Sizes for a machine.
   *
   * @param machineBytes its memory, or the container's limit
   */
  Sizing(EngineOptions options, ModelSource source, long machineBytes) {
    this.machineBytes = machineBytes;
    this.options = options;
    this.source = source;
    ModelSummary model = source.summary();
    this.modelMaximum = model.maxPositionEmbeddings();
    this.vocabularySize = model.vocabularySize();
    this.weightBytes = model.weightBytes();
    if (options.maxModelLen().orElse(1) > modelMaximum) {
      throw new StartupException(
          "--max-model-len %d: the model's max_position_embeddings is %d"
              .formatted(options.maxModelLen().getAsInt(), modelMaximum));
    }
  }

  MemoryPlan plan() {
    int blocks = blocks();
    long kvTokens = (long) blocks * options.blockSize();
    int maxModelLen = options.maxModelLen().orElse((int) Math.min(modelMaximum, kvTokens));
    if (maxModelLen > kvTokens) {
      throw new StartupException(
          ("--max-model-len %d needs %d KV blocks of %d tokens, the pool has %d (%d bytes a block);"
                  + " raise --kv-cache-memory-bytes or lower --max-model-len")
              .formatted(
                  maxModelLen,
                  Math.ceilDiv(maxModelLen, options.blockSize()),
                  options.blockSize(),
                  blocks,
                  blockBytes()));
    }
    return new MemoryPlan(
        weightBytes,
        "float32",
        blockBytes() / options.blockSize(),
        options.blockSize(),
        blocks,
        (blocks + 1L) * blockBytes(),
        4 * source.workspaceFloats(batchedTokens(), sampledRows()),
        maxModelLen);
  }

  /** Refuses what this machine cannot hold, before anything is loaded. */
  void requireFits(MemoryPlan memory, long heapBytes) {
    long widestRow = Math.max(source.widestBuffer(), vocabularySize);
    if (batchedTokens() * widestRow > Integer.MAX_VALUE
        || memory.workspaceBytes() > heapBytes / 10 * 9) {
      throw new StartupException(
          ("the activations of %d batched tokens and the logits of %d sequences take %d MB, the JVM's"
                  + " heap has %d MB: lower --max-num-batched-tokens or --max-num-seqs, or raise -Xmx")
              .formatted(
                  batchedTokens(), sampledRows(), memory.workspaceBytes() >> 20, heapBytes >> 20));
    }
    if (memory.kvBytes() + memory.workspaceBytes() > machineBytes) {
      throw new StartupException(
          ("KV cache %d MB and workspace %d MB are more than this machine's %d MB: lower"
                  + " --kv-cache-memory-bytes or --num-gpu-blocks-override")
              .formatted(
                  memory.kvBytes() >> 20, memory.workspaceBytes() >> 20, machineBytes >> 20));
    }
  }

  private int blocks() {
    if (options.kvBlocksOverride().isPresent()) {
      return options.kvBlocksOverride().getAsInt();
    }
    long bytes = options.kvCacheMemoryBytes().orElse(Math.min(DEFAULT_KV_BYTES, machineBytes / 2));
    long fitting = bytes / blockBytes() - 1;
    if (fitting < 1) {
      throw new StartupException(
          "--kv-cache-memory-bytes %d: a KV block takes %d bytes, and one more is reserved"
              .formatted(bytes, blockBytes()));
    }
    int longest = options.maxModelLen().orElse(modelMaximum);
    long useful = (long) options.maxNumSeqs() * Math.ceilDiv(longest, options.blockSize());
    return (int) Math.min(Math.min(fitting, useful), Integer.MAX_VALUE / options.blockSize() - 1);
  }

  private long blockBytes() {
    return CpuDevice.kvBytesPerBlock(source.kvLayout(options.blockSize(), 1));
  }

  private int batchedTokens() {
    return options.maxNumBatchedTokens().orElse(DEFAULT_BATCHED_TOKENS);
  }

  private int sampledRows() {
    return EngineLimits.sampledRows(options.maxNumSeqs(), batchedTokens());
  }

  KvLayout kvLayout(MemoryPlan memory) {
    return source.kvLayout(options.blockSize(), memory.kvBlocks() + 1);
  }

  Device.Workspace workspace(MemoryPlan memory) {
    return new Device.Workspace(
        batchedTokens(), sampledRows(), memory.maxModelLen(), source.widestInput(), vocabularySize);
  }

  EngineLimits limits(MemoryPlan memory) {
    return new EngineLimits(
        vocabularySize,
        memory.maxModelLen(),
        options.maxNumSeqs(),
        batchedTokens(),
        options.maxWaiting(),
        options.blockSize(),
        List.of(new PoolSize(0, memory.kvBlocks())),
        options.prefixCaching());
  }
}
