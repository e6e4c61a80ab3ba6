package dev.kvasir.runtime.device.cpu;

import dev.kvasir.runtime.device.KvType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * How the KV cache's elements are stored, and nothing else is: a process uses one of these, so the
 * compiler sees through the interface. Places are counted in elements from a segment's start.
 */
interface KvElements {
  /** Bytes that a load may reach past the last element. */
  int SLACK = 64;

  static KvElements of(KvType type) {
    return switch (type) {
      case FLOAT32 -> new Float32();
      case BFLOAT16 -> new Bfloat16();
      case FP8 -> new Fp8();
    };
  }

  /** What an op reads with. */
  default KvElements forReading() {
    return this;
  }

  /** As many elements as there are lanes. */
  FloatVector load(MemorySegment segment, long at);

  float get(MemorySegment segment, long at);

  void set(MemorySegment segment, long at, float value);

  /** As they are computed. */
  record Float32() implements KvElements {
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

    @Override
    public FloatVector load(MemorySegment segment, long at) {
      return FloatVector.fromMemorySegment(Lanes.F, segment, 4 * at, ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public float get(MemorySegment segment, long at) {
      return segment.get(FLOAT, 4 * at);
    }

    @Override
    public void set(MemorySegment segment, long at, float value) {
      segment.set(FLOAT, 4 * at, value);
    }
  }

  /** The upper half of a float32, rounded to the nearest, ties to even. */
  record Bfloat16() implements KvElements {
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final VectorSpecies<Short> HALF =
        VectorSpecies.of(short.class, VectorShape.forBitSize(Math.max(64, 16 * Lanes.COUNT)));

    @Override
    public FloatVector load(MemorySegment segment, long at) {
      ShortVector halves =
          ShortVector.fromMemorySegment(HALF, segment, 2 * at, ByteOrder.LITTLE_ENDIAN);
      IntVector bits = (IntVector) halves.convertShape(VectorOperators.S2I, Lanes.I, 0);
      return bits.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
    }

    @Override
    public float get(MemorySegment segment, long at) {
      return Float.intBitsToFloat(segment.get(SHORT, 2 * at) << 16);
    }

    @Override
    public void set(MemorySegment segment, long at, float value) {
      segment.set(SHORT, 2 * at, round(value));
    }

    private static short round(float value) {
      int bits = Float.floatToIntBits(value);
      boolean isNumber = !Float.isNaN(value);
      return (short) (isNumber ? (bits + 0x7FFF + (bits >>> 16 & 1)) >>> 16 : bits >>> 16);
    }
  }

  /** E4M3; what is beyond its largest number becomes that. */
  final class Fp8 implements KvElements {
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final VectorSpecies<Byte> QUARTER =
        VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, 8 * Lanes.COUNT)));

    private static final int SIGN_AND_MAGNITUDE = 0x87F00000;

    /** A float's bias is 127, theirs 7. */
    private static final float REBIAS = 0x1p120f;

    /** Vectors read what is no number as 480; once there is one they are not used any more. */
    private volatile boolean holdsNan;

    private final KvElements exact = new OneByOne(this);

    @Override
    public KvElements forReading() {
      return holdsNan ? exact : this;
    }

    @Override
    public FloatVector load(MemorySegment segment, long at) {
      ByteVector bytes =
          ByteVector.fromMemorySegment(QUARTER, segment, at, ByteOrder.LITTLE_ENDIAN);
      IntVector bits = (IntVector) bytes.convertShape(VectorOperators.B2I, Lanes.I, 0);
      IntVector placed = bits.lanewise(VectorOperators.LSHL, 20).and(SIGN_AND_MAGNITUDE);
      return placed.reinterpretAsFloats().mul(REBIAS);
    }

    @Override
    public float get(MemorySegment segment, long at) {
      return E4m3.toFloat(segment.get(BYTE, at));
    }

    @Override
    public void set(MemorySegment segment, long at, float value) {
      if (Float.isNaN(value)) {
        holdsNan = true;
      }
      segment.set(BYTE, at, E4m3.ofFloat(value));
    }
  }

  /** Slow and exact. */
  record OneByOne(KvElements elements) implements KvElements {
    @Override
    public FloatVector load(MemorySegment segment, long at) {
      float[] lanes = new float[Lanes.COUNT];
      for (int lane = 0; lane < lanes.length; lane++) {
        lanes[lane] = get(segment, at + lane);
      }
      return FloatVector.fromArray(Lanes.F, lanes, 0);
    }

    @Override
    public float get(MemorySegment segment, long at) {
      return elements.get(segment, at);
    }

    @Override
    public void set(MemorySegment segment, long at, float value) {
      elements.set(segment, at, value);
    }
  }
}
