package dev.kvasir.runtime.tokenizer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Walks over the fields of a protocol buffers message. */
final class Protobuf {
  private final ByteBuffer in;
  private int field;
  private int wireType;

  Protobuf(byte[] message) {
    this(ByteBuffer.wrap(message));
  }

  private Protobuf(ByteBuffer message) {
    this.in = message.order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Goes to the next field; false at the end. Each field's value must be taken or skipped. */
  boolean next() {
    if (!in.hasRemaining()) {
      return false;
    }
    long key = varint();
    field = (int) (key >>> 3);
    wireType = (int) (key & 7);
    return true;
  }

  int field() {
    return field;
  }

  int int32() {
    require(0);
    return (int) varint();
  }

  float float32() {
    require(5);
    return fixed(4).getFloat();
  }

  byte[] bytes() {
    ByteBuffer part = part();
    byte[] bytes = new byte[part.remaining()];
    part.get(bytes);
    return bytes;
  }

  Protobuf message() {
    return new Protobuf(part());
  }

  void skip() {
    switch (wireType) {
      case 0 -> varint();
      case 1 -> fixed(8);
      case 2 -> part();
      case 5 -> fixed(4);
      default -> throw new IllegalArgumentException("wire type " + wireType + " is not known");
    }
  }

  private void require(int type) {
    if (wireType != type) {
      throw new IllegalArgumentException("field " + field + " has wire type " + wireType);
    }
  }

  private ByteBuffer part() {
    require(2);
    long length = varint();
    if (length < 0 || length > in.remaining()) {
      throw new IllegalArgumentException("field " + field + " goes beyond the end");
    }
    return fixed((int) length);
  }

  private ByteBuffer fixed(int length) {
    if (length > in.remaining()) {
      throw new IllegalArgumentException("field " + field + " goes beyond the end");
    }
    ByteBuffer part = in.slice(in.position(), length).order(ByteOrder.LITTLE_ENDIAN);
    in.position(in.position() + length);
    return part;
  }

  private long varint() {
    long value = 0;
    for (int shift = 0; shift < 64 && in.hasRemaining(); shift += 7) {
      byte b = in.get();
      value |= (b & 0x7fL) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw new IllegalArgumentException("a number does not end");
  }
}
