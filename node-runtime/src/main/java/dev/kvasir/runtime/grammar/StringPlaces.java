package dev.kvasir.runtime.grammar;

import java.util.Arrays;

/** Places within a JSON string, quotes included: valid UTF-8, no half of a surrogate pair. */
final class StringPlaces {
  static final int NEXT = 0;
  static final int OPEN = 1;
  static final int END = 2;
  private static final int TAIL1 = 3;
  private static final int TAIL2 = 4;
  private static final int TAIL3 = 5;
  private static final int AFTER_E0 = 6;
  private static final int AFTER_ED = 7;
  private static final int AFTER_F0 = 8;
  private static final int AFTER_F4 = 9;
  private static final int ESCAPE = 10;
  private static final int HEX4 = 11;
  private static final int HEX3 = 12;
  private static final int HEX2 = 13;
  private static final int HEX1 = 14;
  private static final int AFTER_D = 15;
  private static final int HIGH2 = 16;
  private static final int HIGH1 = 17;
  private static final int PAIR = 18;
  private static final int PAIR_U = 19;
  private static final int LOW4 = 20;
  private static final int LOW3 = 21;
  private static final int CONTROL4 = 22;
  private static final int CONTROL3 = 23;
  private static final int CONTROL2 = 24;
  private static final int CONTROL_0 = 25;
  private static final int CONTROL_1 = 26;
  private static final int PLACES = 27;

  /** Bits that a place takes. */
  static final int BITS = 5;

  /** Bytes until the character is whole. */
  private static final int[] PENDING = {
    0, 1, 0, 1, 2, 3, 2, 2, 3, 3, 1, 4, 3, 2, 1, 3, 8, 7, 6, 5, 4, 3, 4, 3, 2, 1, 1
  };

  /** All of JSON's spellings. */
  static final StringPlaces ANY = new StringPlaces().plain().escapes();

  /** One spelling for each text: escapes only where JSON demands them, the shortest ones. */
  static final StringPlaces CANONICAL = new StringPlaces().plain().neededEscapes();

  private final byte[] next = new byte[PLACES * 256];

  private StringPlaces() {
    Arrays.fill(next, (byte) -1);
  }

  private StringPlaces plain() {
    put(OPEN, '"', '"', NEXT);
    put(NEXT, 0x20, 0x7f, NEXT);
    put(NEXT, 0xc2, 0xdf, TAIL1);
    put(NEXT, 0xe0, 0xe0, AFTER_E0);
    put(NEXT, 0xe1, 0xef, TAIL2);
    put(NEXT, 0xed, 0xed, AFTER_ED);
    put(NEXT, 0xf0, 0xf0, AFTER_F0);
    put(NEXT, 0xf1, 0xf3, TAIL3);
    put(NEXT, 0xf4, 0xf4, AFTER_F4);
    put(NEXT, '"', '"', END);
    put(NEXT, '\\', '\\', ESCAPE);
    put(TAIL1, 0x80, 0xbf, NEXT);
    put(TAIL2, 0x80, 0xbf, TAIL1);
    put(TAIL3, 0x80, 0xbf, TAIL2);
    put(AFTER_E0, 0xa0, 0xbf, TAIL1);
    put(AFTER_ED, 0x80, 0x9f, TAIL1);
    put(AFTER_F0, 0x90, 0xbf, TAIL2);
    put(AFTER_F4, 0x80, 0x8f, TAIL2);
    for (char c : "\"\\bfnrt".toCharArray()) {
      put(ESCAPE, c, c, NEXT);
    }
    return this;
  }

  private StringPlaces escapes() {
    put(ESCAPE, '/', '/', NEXT);
    put(ESCAPE, 'u', 'u', HEX4);
    hex(HEX4, HEX3);
    put(HEX4, 'd', 'd', AFTER_D);
    put(HEX4, 'D', 'D', AFTER_D);
    hex(HEX3, HEX2);
    hex(HEX2, HEX1);
    hex(HEX1, NEXT);
    hex(AFTER_D, HIGH2);
    put(AFTER_D, '0', '7', HEX2);
    for (char c : "cdefCDEF".toCharArray()) {
      put(AFTER_D, c, c, -1);
      put(LOW3, c, c, HEX2);
    }
    hex(HIGH2, HIGH1);
    hex(HIGH1, PAIR);
    put(PAIR, '\\', '\\', PAIR_U);
    put(PAIR_U, 'u', 'u', LOW4);
    put(LOW4, 'd', 'd', LOW3);
    put(LOW4, 'D', 'D', LOW3);
    return this;
  }

  /** Controls that have no letter of their own: 00 to 07, 0b, 0e, 0f and 10 to 1f. */
  private StringPlaces neededEscapes() {
    put(ESCAPE, 'u', 'u', CONTROL4);
    put(CONTROL4, '0', '0', CONTROL3);
    put(CONTROL3, '0', '0', CONTROL2);
    put(CONTROL2, '0', '0', CONTROL_0);
    put(CONTROL2, '1', '1', CONTROL_1);
    put(CONTROL_0, '0', '7', NEXT);
    put(CONTROL_0, 'b', 'b', NEXT);
    put(CONTROL_0, 'e', 'f', NEXT);
    put(CONTROL_1, '0', '9', NEXT);
    put(CONTROL_1, 'a', 'f', NEXT);
    return this;
  }

  private void put(int place, int from, int to, int target) {
    Arrays.fill(next, place * 256 + from, place * 256 + to + 1, (byte) target);
  }

  private void hex(int place, int target) {
    put(place, '0', '9', target);
    put(place, 'a', 'f', target);
    put(place, 'A', 'F', target);
  }

  /** The place after a byte, or -1. */
  int next(int place, int octet) {
    return next[place * 256 + octet];
  }

  static int pending(int place) {
    return PENDING[place];
  }

  /** Bytes that some place tells apart from the one before them. */
  void markBoundaries(boolean[] starts) {
    for (int octet = 1; octet < 256; octet++) {
      for (int place = 0; place < PLACES; place++) {
        starts[octet] |= next(place, octet) != next(place, octet - 1);
      }
    }
  }
}
