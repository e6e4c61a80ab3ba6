package dev.kvasir.runtime.device.cuda;

/** Draws a token from each row of float32 logits, or scores a known one. */
final class Sample {
  static final KernelSignature SIGNATURE =
      KernelSignature.of(
              "sample",
              "sample",
              "logits* vocabulary rows* masks* mask_words ids* biases* counts* scratch* tokens*"
                  + " scores*")
          .startingEarly();
  static final KernelSignature COUNT =
      KernelSignature.of(
              "sample",
              "count_tokens",
              "slot begins history* length prompt_length vocabulary counts*")
          .startingEarly();

  private static final int THREADS = 512;

  /** What a block has, less what the kernel needs for itself. */
  private static final int SHARED_BYTES = 227 * 1024 - 31 * 1024;

  private final Kernel kernel;
  private final Kernel count;
  private final int blocks;

  /**
   * @param blocks a row: {@link #blocks}
   */
  Sample(KernelModules modules, int blocks) {
    this.blocks = blocks;
    kernel = modules.kernel(SIGNATURE, Integer.toString(blocks));
    count = modules.kernel(COUNT);
  }

  /** Blocks that share a row: 8 where they see each other's memory and a row fits into it. */
  static int blocks(Gpu gpu, int vocabulary) {
    return gpu.computeCapability() >= 90 && sharedBytes(vocabulary, 8) <= SHARED_BYTES ? 8 : 1;
  }

  /** Of the buffer that holds rows' logits where no shared memory does; 0 where it isn't needed. */
  static long scratchBytes(int blocks, int rows, int vocabulary) {
    return blocks == 1 ? 4L * rows * vocabulary : 0;
  }

  /** Of what tokens sequences have, where rows have penalties: zero at first. */
  static long countBytes(int slots, int vocabulary) {
    return 4L * slots * vocabulary;
  }

  private static int sharedBytes(int vocabulary, int blocks) {
    return 4 * Math.ceilDiv(Math.ceilDiv(vocabulary, blocks), 32) * 32;
  }

  /**
   * @param rows their descriptions, which {@link SampleRows} packs at the region's start
   * @param region as {@link SampleRows} packs it
   * @param counts by slot, see {@link #countBytes}; null where no row has penalties
   * @param scratch see {@link #scratchBytes}, or null
   */
  record Input(
      SampleRows layout,
      DeviceBuffer rows,
      DeviceBuffer region,
      DeviceBuffer counts,
      DeviceBuffer scratch) {}

  /**
   * @param tokens an int a row
   * @param scores {@link SampleRows#SCORE_BYTES} a row; null where none asks for them
   */
  record Output(DeviceBuffer tokens, DeviceBuffer scores) {}

  /**
   * @param keepsLogits as {@link SampleRows.Packed} has it; true is right for any rows
   */
  void run(
      DeviceBuffer logits,
      int rows,
      int vocabulary,
      Input input,
      boolean keepsLogits,
      Output output,
      Stream stream) {
    SampleRows layout = input.layout();
    long region = input.region().address();
    kernel
        .pointer(logits)
        .integer(vocabulary)
        .pointer(input.rows())
        .pointer(region + layout.masksAt())
        .integer(layout.maskWords())
        .pointer(region + layout.idsAt())
        .pointer(region + layout.biasesAt())
        .pointer(input.counts())
        .pointer(input.scratch())
        .pointer(output.tokens())
        .pointer(output.scores())
        .launch(
            stream,
            Grid.of(rows * blocks),
            THREADS,
            keepsLogits && blocks > 1 ? sharedBytes(vocabulary, blocks) : 0);
  }

  /**
   * Adds tokens of a sequence to what its slot counts.
   *
   * @param begins whether the slot's counts begin anew
   * @param promptLength how many of these tokens are prompt
   */
  void count(
      int slot,
      boolean begins,
      DeviceBuffer tokens,
      int length,
      int promptLength,
      int vocabulary,
      DeviceBuffer counts,
      Stream stream) {
    count
        .integer(slot)
        .integer(begins ? 1 : 0)
        .pointer(tokens)
        .integer(length)
        .integer(promptLength)
        .integer(vocabulary)
        .pointer(counts)
        .launch(stream, Grid.of(1), THREADS);
  }
}
