package dev.kvasir.runtime.device;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * A weight matrix on the host in its one logical form: row by row, a row per output feature. A new
 * format is a new case here, not a new op.
 */
public sealed interface HostWeight {
  int rows();

  int columns();

  /** Plain elements, often a view of the checkpoint's file. */
  record Dense(ElementType type, int rows, int columns, MemorySegment data) implements HostWeight {
    public Dense {
      long wanted = (long) rows * columns * type.bytes();
      if (data.byteSize() != wanted) {
        throw new IllegalArgumentException(
            "a %d x %d matrix of %s takes %d bytes, not %d"
                .formatted(rows, columns, type, wanted, data.byteSize()));
      }
    }
  }

  /** Matrices of one input below one another, computed as one: query, key and value. */
  record Stacked(List<Dense> parts) implements HostWeight {
    public Stacked {
      parts = List.copyOf(parts);
      if (parts.stream().mapToInt(Dense::columns).distinct().count() != 1) {
        throw new IllegalArgumentException("stacked matrices must have equally many columns");
      }
    }

    @Override
    public int rows() {
      return parts.stream().mapToInt(Dense::rows).sum();
    }

    @Override
    public int columns() {
      return parts.getFirst().columns();
    }
  }
}
