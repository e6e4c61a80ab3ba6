package dev.kvasir.runtime.model;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.kvasir.runtime.engine.StartupException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Parses and checks a header: every tensor's offsets fit its type and shape, and together they
 * cover the file without gap or overlap. Bounds on counts keep a hostile file cheap.
 */
final class SafetensorsHeader {
  private static final int MOST_TENSORS = 200_000;
  private static final int MOST_DIMENSIONS = 16;
  private static final Map<String, Integer> BITS =
      Map.ofEntries(
          Map.entry("F64", 64),
          Map.entry("F32", 32),
          Map.entry("F16", 16),
          Map.entry("BF16", 16),
          Map.entry("I64", 64),
          Map.entry("I32", 32),
          Map.entry("I16", 16),
          Map.entry("I8", 8),
          Map.entry("U64", 64),
          Map.entry("U32", 32),
          Map.entry("U16", 16),
          Map.entry("U8", 8),
          Map.entry("BOOL", 8),
          Map.entry("F8_E4M3", 8),
          Map.entry("F8_E5M2", 8),
          Map.entry("F8_E8M0", 8),
          Map.entry("F4", 4));

  private final Path file;
  private final MemorySegment data;

  SafetensorsHeader(Path file, MemorySegment data) {
    this.file = file;
    this.data = data;
  }

  private record Entry(String name, String dtype, long[] shape, long begin, long end) {}

  Map<String, Safetensors.Tensor> parse(byte[] header) {
    if (header[0] != '{') {
      throw fail("the header does not start with '{'");
    }
    List<Entry> entries = entries(header);
    checkCoverage(entries);
    Map<String, Safetensors.Tensor> tensors = LinkedHashMap.newLinkedHashMap(entries.size());
    for (Entry entry : entries) {
      MemorySegment bytes = data.asSlice(entry.begin(), entry.end() - entry.begin());
      tensors.put(entry.name(), new Safetensors.Tensor(file, entry.dtype(), entry.shape(), bytes));
    }
    return tensors;
  }

  private List<Entry> entries(byte[] header) {
    JsonFactory factory =
        JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();
    List<Entry> entries = new ArrayList<>();
    try (JsonParser json = factory.createParser(header)) {
      json.nextToken();
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        if (name.equals("__metadata__")) {
          json.nextToken();
          json.skipChildren();
        } else {
          entries.add(entry(name, json));
        }
        if (entries.size() > MOST_TENSORS) {
          throw fail("more than " + MOST_TENSORS + " tensors");
        }
      }
      if (json.currentToken() != JsonToken.END_OBJECT || json.nextToken() != null) {
        throw fail("the header goes on after its object");
      }
    } catch (JsonProcessingException e) {
      throw new StartupException(
          "%s: the header is not valid JSON: %s".formatted(file, e.getOriginalMessage()), e);
    } catch (IOException e) {
      throw new StartupException("%s: cannot be read: %s".formatted(file, e), e);
    }
    return entries;
  }

  private Entry entry(String name, JsonParser json) throws IOException {
    expect(name, json.nextToken() == JsonToken.START_OBJECT, "is not an object");
    String dtype = null;
    long[] shape = null;
    long[] offsets = null;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String field = json.currentName();
      switch (field) {
        case "dtype" -> {
          expect(name, json.nextToken() == JsonToken.VALUE_STRING, "dtype is not a string");
          dtype = json.getText();
        }
        case "shape" -> shape = numbers(name, field, json);
        case "data_offsets" -> offsets = numbers(name, field, json);
        default -> throw fail(name, "has an unknown field '" + field + "'");
      }
    }
    expect(name, dtype != null, "dtype is missing");
    expect(name, shape != null, "shape is missing");
    expect(name, offsets != null && offsets.length == 2, "data_offsets are not two numbers");
    Entry entry = new Entry(name, dtype, shape, offsets[0], offsets[1]);
    checkSize(entry);
    return entry;
  }

  private long[] numbers(String name, String field, JsonParser json) throws IOException {
    expect(name, json.nextToken() == JsonToken.START_ARRAY, field + " is not a list");
    long[] numbers = new long[MOST_DIMENSIONS];
    int count = 0;
    while (json.nextToken() != JsonToken.END_ARRAY) {
      expect(name, count < MOST_DIMENSIONS, field + " has too many entries");
      expect(
          name,
          json.currentToken() == JsonToken.VALUE_NUMBER_INT
              && json.getNumberType() != JsonParser.NumberType.BIG_INTEGER
              && json.getLongValue() >= 0,
          field + " holds something that is not a whole number from 0 to 2^63 - 1");
      numbers[count++] = json.getLongValue();
    }
    return java.util.Arrays.copyOf(numbers, count);
  }

  private void checkSize(Entry entry) {
    Integer bits = BITS.get(entry.dtype());
    expect(entry.name(), bits != null, "has an unknown dtype '" + entry.dtype() + "'");
    long wanted;
    try {
      long elements = 1;
      for (long dimension : entry.shape()) {
        elements = Math.multiplyExact(elements, dimension);
      }
      wanted = Math.ceilDiv(Math.multiplyExact(elements, (long) bits), 8);
    } catch (ArithmeticException e) {
      throw fail(entry.name(), "shape is too large");
    }
    boolean inside = entry.begin() <= entry.end() && entry.end() <= data.byteSize();
    expect(
        entry.name(),
        inside,
        "data_offsets %d to %d are outside the file's %d bytes of data"
            .formatted(entry.begin(), entry.end(), data.byteSize()));
    expect(
        entry.name(),
        entry.end() - entry.begin() == wanted,
        "data_offsets hold %d bytes, its dtype and shape take %d"
            .formatted(entry.end() - entry.begin(), wanted));
  }

  private void checkCoverage(List<Entry> entries) {
    List<Entry> ordered = new ArrayList<>(entries);
    ordered.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    long covered = 0;
    for (Entry entry : ordered) {
      expect(
          entry.name(),
          entry.begin() == covered,
          "starts at byte %d of the data, but the tensors before it end at %d"
              .formatted(entry.begin(), covered));
      covered = entry.end();
    }
    if (covered != data.byteSize()) {
      throw fail(
          "the tensors end at byte %d of the data, the file at %d"
              .formatted(covered, data.byteSize()));
    }
  }

  private void expect(String name, boolean holds, String otherwise) {
    if (!holds) {
      throw fail(name, otherwise);
    }
  }

  private StartupException fail(String name, String what) {
    String shown = name.length() > 200 ? name.substring(0, 200) + "..." : name;
    return fail("tensor '" + shown + "' " + what);
  }

  private StartupException fail(String what) {
    return new StartupException(file + ": " + what);
  }
}
