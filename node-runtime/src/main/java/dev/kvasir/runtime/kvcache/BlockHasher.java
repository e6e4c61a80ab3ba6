package dev.kvasir.runtime.kvcache;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Makes the hashes of blocks with SHA-256, so that nobody can craft a prompt that collides. */
final class BlockHasher {
  private final MessageDigest digest;
  private final ByteBuffer input;
  private final ByteBuffer output = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN);

  BlockHasher(int blockSize) {
    input = ByteBuffer.allocate(16 + 4 * blockSize).order(ByteOrder.LITTLE_ENDIAN);
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** What the first block of a sequence follows. */
  BlockHash root(CacheSalt salt) {
    digest.update(ByteBuffer.allocate(8).putLong(0, salt.rotation()));
    digest.update(salt.request().getBytes(StandardCharsets.UTF_8));
    return finish();
  }

  /** A block's hash: of {@code count} tokens after those that {@code before} stands for. */
  BlockHash next(BlockHash before, int[] tokens, int from, int count) {
    input.clear().putLong(before.high()).putLong(before.low());
    for (int i = 0; i < count; i++) {
      input.putInt(tokens[from + i]);
    }
    digest.update(input.flip());
    return finish();
  }

  private BlockHash finish() {
    try {
      digest.digest(output.array(), 0, 32);
    } catch (java.security.DigestException e) {
      throw new IllegalStateException("32 bytes hold a SHA-256", e);
    }
    return new BlockHash(output.getLong(0), output.getLong(8));
  }
}
