package dev.kvasir.runtime.device;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * The shape of a KV cache. Layers with the same attention window form a KV group, which has blocks
 * of its own: full attention is the first, then come the windows, the widest first.
 *
 * @param windows positions that a row sees in each layer, its own included; 0 is all
 */
public record KvLayout(int[] windows, int kvHeads, int headDim, int blockSize, KvType type) {

  /** The window of each group. */
  public int[] groups() {
    return Arrays.stream(windows)
        .boxed()
        .distinct()
        .sorted(Comparator.comparing((Integer window) -> window != 0).thenComparingInt(w -> -w))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /** The layers of a group, in order. */
  public int[] layersOf(int group) {
    int window = groups()[group];
    return IntStream.range(0, windows.length).filter(i -> windows[i] == window).toArray();
  }
}
