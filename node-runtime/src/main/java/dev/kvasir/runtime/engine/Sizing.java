package dev.kvasir.runtime.engine;

import dev.kvasir.runtime.device.Device;
import dev.kvasir.runtime.device.KvLayout;
import dev.kvasir.runtime.device.KvType;
import dev.kvasir.runtime.kvcache.PoolSize;
import dev.kvasir.runtime.model.ModelSource;
import java.util.ArrayList;
import java.util.List;

/** Turns options and a model into sizes: the KV pools, the longest sequence, the largest step. */
final class Sizing {
  private final EngineOptions options;
  private final ModelSource source;
  private final Device device;
  private final Device.Memory machine;
  private final KvLayout layout;
  private final int modelMaximum;
  private final int vocabularySize;
  private final long weightBytes;
  private final long workspaceBytes;

  Sizing(EngineOptions options, ModelSource source, Device device) {
    this.options = options;
    this.source = source;
    this.device = device;
    this.machine = device.memory();
    this.layout = source.kvLayout(options.blockSize(), kvType(options, device));
    ModelSummary model = source.summary();
    this.modelMaximum = model.maxPositionEmbeddings();
    this.vocabularySize = model.vocabularySize();
    this.weightBytes = device.weightBytes(model.weightBytes());
    this.workspaceBytes =
        device.workspaceBytes(
            workspace(options.maxModelLen().orElse(modelMaximum)), source.activations(), layout);
    device
        .objection(layout)
        .ifPresent(objection -> {
          throw new StartupException(objection);
        });
    if (options.maxModelLen().orElse(1) > modelMaximum) {
      throw new StartupException(
          "--max-model-len %d: the model's max_position_embeddings is %d"
              .formatted(options.maxModelLen().getAsInt(), modelMaximum));
    }
  }

  private static KvType kvType(EngineOptions options, Device device) {
    return switch (options.kvCacheType()) {
      case AUTO -> device.defaultKvType();
      case BF16 -> KvType.BFLOAT16;
      case FP8 -> KvType.FP8;
    };
  }

  MemoryPlan plan() {
    List<MemoryPlan.Group> groups = groups();
    return new MemoryPlan(
        weightBytes,
        layout.type().name().toLowerCase(java.util.Locale.ROOT),
        options.blockSize(),
        groups,
        workspaceBytes,
        maxModelLen(groups),
        machine.usable(),
        machine.inWords());
  }

  /**
   * Full attention takes as many blocks as there is memory for, or as its sequences can use; a
   * window's group as many, but no more than {@link PoolSize#most} says.
   */
  private List<MemoryPlan.Group> groups() {
    int override = options.kvBlocksOverride().orElse(0);
    if (override > 0) {
      return groups(override, override);
    }
    long bytes = kvBytes();
    if (bytesOf(1) > bytes) {
      throw new StartupException(
          "--kv-cache-memory-bytes %d: the smallest KV cache, two blocks of each group, takes %d"
              .formatted(bytes, bytesOf(1)));
    }
    int enough = 1;
    int tooMany = Integer.MAX_VALUE / options.blockSize();
    while (tooMany - enough > 1) {
      int middle = (int) (((long) enough + tooMany) / 2);
      if (bytesOf(middle) <= bytes) {
        enough = middle;
      } else {
        tooMany = middle;
      }
    }
    return groups((int) Math.min(enough, most(layout.groups()[0])), enough);
  }

  private long bytesOf(int blocks) {
    return groups(blocks, blocks).stream().mapToLong(MemoryPlan.Group::bytes).sum();
  }

  private List<MemoryPlan.Group> groups(int first, int others) {
    List<MemoryPlan.Group> groups = new ArrayList<>();
    for (int window : layout.groups()) {
      int group = groups.size();
      long blocks = group == 0 ? first : Math.min(others, most(window));
      groups.add(
          new MemoryPlan.Group(
              window,
              layout.layersOf(group).length,
              (int) blocks,
              device.kvBlockBytes(layout, group)));
    }
    return groups;
  }

  private long most(int window) {
    int longest = options.maxModelLen().orElse(modelMaximum);
    return PoolSize.most(
        window, options.maxNumSeqs(), longest, batchedTokens(), options.blockSize());
  }

  /** What is asked for, or what the weights and activations leave, up to the device's default. */
  private long kvBytes() {
    long free = machine.usable() - weightBytes - workspaceBytes;
    // Where nothing is left the plan says so: `inspect` shows it, and a start is refused.
    long unlessSaid = free > 0 ? Math.min(free, machine.kvUnlessSaid()) : machine.kvUnlessSaid();
    return options.kvCacheMemoryBytes().orElse(unlessSaid);
  }

  private int maxModelLen(List<MemoryPlan.Group> groups) {
    int wanted = options.maxModelLen().orElse(modelMaximum);
    for (MemoryPlan.Group group : groups) {
      long needed = PoolSize.held(group.window(), wanted, options.blockSize());
      if (needed > group.blocks()) {
        requireNotAsked(wanted, needed, group);
        wanted = group.blocks() * options.blockSize();
      }
    }
    return wanted;
  }

  private void requireNotAsked(int length, long needed, MemoryPlan.Group group) {
    if (options.maxModelLen().isPresent()) {
      throw new StartupException(
          ("--max-model-len %d needs %d KV blocks of %d tokens, the pool has %d (%d bytes a block);"
                  + " raise --kv-cache-memory-bytes or lower --max-model-len")
              .formatted(length, needed, options.blockSize(), group.blocks(), group.blockBytes()));
    }
  }

  /** Refuses what this machine cannot hold, before anything is loaded. */
  void requireFits(MemoryPlan memory, long heapBytes) {
    long widestRow = Math.max(source.widestBuffer(), vocabularySize);
    if (machine.onHeap()
        && (batchedTokens() * widestRow > Integer.MAX_VALUE
            || memory.workspaceBytes() > heapBytes / 10 * 9)) {
      throw new StartupException(
          ("the activations of %d batched tokens and the logits of %d sequences take %d MB, the"
                  + " JVM's heap has %d MB: lower --max-num-batched-tokens or --max-num-seqs, or raise"
                  + " -Xmx")
              .formatted(
                  batchedTokens(), sampledRows(), memory.workspaceBytes() >> 20, heapBytes >> 20));
    }
    if (!memory.fits()) {
      throw new StartupException(
          "weights %d MB, workspace %d MB and KV cache %d MB are more than the %d MB there are (%s): %s"
              .formatted(
                  memory.weightBytes() >> 20,
                  memory.workspaceBytes() >> 20,
                  memory.kvBytes() >> 20,
                  memory.usableBytes() >> 20,
                  memory.deviceMemory(),
                  remedy(memory)));
    }
  }

  private String remedy(MemoryPlan memory) {
    return memory.totalBytes() - memory.kvBytes() < memory.usableBytes()
        ? "lower --kv-cache-memory-bytes or --num-gpu-blocks-override"
        : machine.remedy();
  }

  private int batchedTokens() {
    return options.maxNumBatchedTokens().orElse(device.defaultBatchedTokens());
  }

  private int sampledRows() {
    return EngineLimits.sampledRows(options.maxNumSeqs(), batchedTokens());
  }

  KvLayout kvLayout() {
    return layout;
  }

  /** Blocks of each KV group, the reserved one included. */
  int[] kvBlocks(MemoryPlan memory) {
    return memory.groups().stream().mapToInt(group -> group.blocks() + 1).toArray();
  }

  Device.Workspace workspace(MemoryPlan memory) {
    return workspace(memory.maxModelLen());
  }

  private Device.Workspace workspace(int longest) {
    return new Device.Workspace(
        batchedTokens(),
        options.maxNumSeqs(),
        sampledRows(),
        longest,
        source.widestInput(),
        vocabularySize);
  }

  EngineLimits limits(MemoryPlan memory) {
    return new EngineLimits(
        vocabularySize,
        memory.maxModelLen(),
        options.maxNumSeqs(),
        batchedTokens(),
        options.maxWaiting(),
        options.blockSize(),
        memory.groups().stream().map(g -> new PoolSize(g.window(), g.blocks())).toList(),
        options.prefixCaching());
  }
}
