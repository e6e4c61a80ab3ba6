package dev.kvasir.runtime.quantize;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Writes tensors into safetensors files of a bounded size, one item in memory at a time. */
final class ShardWriter {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int ALIGNMENT = 8;

  private final Path directory;
  private final long shardBytes;
  private final Consumer<OutputItem> onItem;

  /**
   * @param shardBytes most bytes of a file; an item that is larger has a file of its own
   * @param onItem hears of each item that is written
   */
  ShardWriter(Path directory, long shardBytes, Consumer<OutputItem> onItem) {
    this.directory = directory;
    this.shardBytes = shardBytes;
    this.onItem = onItem;
  }

  void write(List<OutputItem> items) throws IOException {
    List<List<OutputItem>> shards = shards(items);
    if (shards.size() == 1) {
      write(shards.getFirst(), directory.resolve("model.safetensors"));
      return;
    }
    ObjectNode index = JsonNodeFactory.instance.objectNode();
    index
        .putObject("metadata")
        .put("total_size", items.stream().mapToLong(OutputItem::bytes).sum());
    ObjectNode places = index.putObject("weight_map");
    for (int i = 0; i < shards.size(); i++) {
      String name = "model-%05d-of-%05d.safetensors".formatted(i + 1, shards.size());
      write(shards.get(i), directory.resolve(name));
      shards
          .get(i)
          .forEach(item -> item.tensors().forEach(tensor -> places.put(tensor.name(), name)));
    }
    Files.writeString(directory.resolve("model.safetensors.index.json"), index.toPrettyString());
  }

  private List<List<OutputItem>> shards(List<OutputItem> items) {
    List<List<OutputItem>> shards = new ArrayList<>();
    long left = 0;
    for (OutputItem item : items) {
      if (shards.isEmpty() || item.bytes() > left) {
        shards.add(new ArrayList<>());
        left = shardBytes;
      }
      shards.getLast().add(item);
      left -= item.bytes();
    }
    return shards;
  }

  private void write(List<OutputItem> items, Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
      writeFully(channel, ByteBuffer.wrap(header(items)));
      for (OutputItem item : items) {
        write(item, channel);
        onItem.accept(item);
      }
      channel.force(true);
    }
  }

  private static byte[] header(List<OutputItem> items) throws IOException {
    ObjectNode header = JsonNodeFactory.instance.objectNode();
    header.putObject("__metadata__").put("format", "pt");
    long at = 0;
    for (OutputItem item : items) {
      for (OutputTensor tensor : item.tensors()) {
        ObjectNode entry = header.putObject(tensor.name()).put("dtype", tensor.dtype());
        var shape = entry.putArray("shape");
        for (long dimension : tensor.shape()) {
          shape.add(dimension);
        }
        entry.putArray("data_offsets").add(at).add(at + tensor.bytes());
        at += tensor.bytes();
      }
    }
    byte[] json = JSON.writeValueAsBytes(header);
    int padded = Math.ceilDiv(json.length, ALIGNMENT) * ALIGNMENT;
    ByteBuffer bytes = ByteBuffer.allocate(8 + padded).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(padded).put(json);
    while (bytes.hasRemaining()) {
      bytes.put((byte) ' ');
    }
    return bytes.array();
  }

  private static void write(OutputItem item, FileChannel channel) throws IOException {
    try (Arena arena = Arena.ofShared()) {
      List<MemorySegment> segments = new ArrayList<>();
      for (OutputTensor tensor : item.tensors()) {
        segments.add(arena.allocate(tensor.bytes(), ALIGNMENT));
      }
      item.fill().into(segments);
      for (MemorySegment segment : segments) {
        writeFully(channel, segment);
      }
    }
  }

  private static void writeFully(FileChannel channel, MemorySegment segment) throws IOException {
    long most = 1 << 30;
    for (long at = 0; at < segment.byteSize(); at += most) {
      long size = Math.min(most, segment.byteSize() - at);
      writeFully(channel, segment.asSlice(at, size).asByteBuffer());
    }
  }

  private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}
