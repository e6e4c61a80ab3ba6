package dev.kvasir.runtime.model;

import dev.kvasir.runtime.engine.StartupException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;

/** One safetensors file, mapped into memory: its tensors by name. */
public record Safetensors(Path file, Map<String, Tensor> tensors) {
  private static final long MOST_HEADER_BYTES = 100_000_000;
  private static final int LENGTH_BYTES = 8;

  /** A tensor's bytes in the mapped file. */
  public record Tensor(Path file, String dtype, long[] shape, MemorySegment data) {}

  static Safetensors open(Path file, Arena arena) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      byte[] header = readHeader(file, channel, size);
      long dataStart = LENGTH_BYTES + (long) header.length;
      MemorySegment data =
          channel.map(FileChannel.MapMode.READ_ONLY, dataStart, size - dataStart, arena);
      return new Safetensors(file, new SafetensorsHeader(file, data).parse(header));
    } catch (IOException e) {
      throw new StartupException("%s: cannot be read: %s".formatted(file, e), e);
    }
  }

  private static byte[] readHeader(Path file, FileChannel channel, long size) throws IOException {
    if (size < LENGTH_BYTES) {
      throw new StartupException(
          "%s: %d bytes are too few for a safetensors file".formatted(file, size));
    }
    ByteBuffer lengthBytes = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    readFully(channel, lengthBytes, 0);
    long length = lengthBytes.getLong(0);
    if (length < 2 || length > MOST_HEADER_BYTES || length > size - LENGTH_BYTES) {
      throw new StartupException(
          "%s: header length %s is not possible in a file of %d bytes (at most %d are allowed)"
              .formatted(file, Long.toUnsignedString(length), size, MOST_HEADER_BYTES));
    }
    ByteBuffer header = ByteBuffer.allocate((int) length);
    readFully(channel, header, LENGTH_BYTES);
    return header.array();
  }

  private static void readFully(FileChannel channel, ByteBuffer into, long from)
      throws IOException {
    while (into.hasRemaining()) {
      if (channel.read(into, from + into.position()) < 0) {
        throw new IOException("the file ended while it was read");
      }
    }
  }
}
