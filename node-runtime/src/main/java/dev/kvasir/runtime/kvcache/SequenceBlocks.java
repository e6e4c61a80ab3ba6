package dev.kvasir.runtime.kvcache;

/** The blocks of one running sequence: a table for each KV group. */
public final class SequenceBlocks {
  private final BlockTable[] tables;
  private final int cachedTokens;
  private int published;

  /**
   * @param cachedTokens of the beginning, whose keys and values were there already
   */
  SequenceBlocks(int groups, int cachedBlocks, int cachedTokens) {
    this.tables = new BlockTable[groups];
    this.cachedTokens = cachedTokens;
    this.published = cachedBlocks;
    for (int group = 0; group < groups; group++) {
      tables[group] = new BlockTable();
    }
  }

  public BlockTable table(int group) {
    return tables[group];
  }

  public int cachedTokens() {
    return cachedTokens;
  }

  /** Blocks from the first on that have been offered to the prefix cache. */
  int published() {
    return published;
  }

  void setPublished(int blocks) {
    published = blocks;
  }
}
