package dev.kvasir.runtime.grammar;

/**
 * A JSON string with its quotes, of a number of Unicode characters within bounds: valid UTF-8, all
 * of JSON's escapes, no half of a surrogate pair. A state is a place within a character and how
 * many characters must and may still begin, so that all lengths share one machine.
 */
final class JsonString implements Leaf {
  static final int UNLIMITED = (1 << 30) - 1;
  static final int MOST_MIN = (1 << 28) - 1;

  private static final String FAMILY = "JSON string";

  /** Of long plain strings; a token has about as many. */
  private static final int CHARACTERS_PER_TOKEN = 4;

  private static final int NEXT = 0;
  private static final int OPEN = 1;
  private static final int END = 2;
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
  private static final int PLACES = 22;

  /** Bytes until the character is whole. */
  private static final int[] PENDING = {
    0, 1, 0, 1, 2, 3, 2, 2, 3, 3, 1, 4, 3, 2, 1, 3, 8, 7, 6, 5, 4, 3
  };

  private static final byte[] NEXT_PLACE = places();

  private final int min;
  private final int max;

  JsonString(int min, int max) {
    this.min = Math.min(min, MOST_MIN);
    this.max = Math.min(max, UNLIMITED);
  }

  private static byte[] places() {
    byte[] next = new byte[PLACES * 256];
    java.util.Arrays.fill(next, (byte) -1);
    put(next, OPEN, '"', '"', NEXT);
    put(next, NEXT, 0x20, 0x7f, NEXT);
    put(next, NEXT, 0xc2, 0xdf, TAIL1);
    put(next, NEXT, 0xe0, 0xe0, AFTER_E0);
    put(next, NEXT, 0xe1, 0xef, TAIL2);
    put(next, NEXT, 0xed, 0xed, AFTER_ED);
    put(next, NEXT, 0xf0, 0xf0, AFTER_F0);
    put(next, NEXT, 0xf1, 0xf3, TAIL3);
    put(next, NEXT, 0xf4, 0xf4, AFTER_F4);
    put(next, NEXT, '"', '"', END);
    put(next, NEXT, '\\', '\\', ESCAPE);
    put(next, TAIL1, 0x80, 0xbf, NEXT);
    put(next, TAIL2, 0x80, 0xbf, TAIL1);
    put(next, TAIL3, 0x80, 0xbf, TAIL2);
    put(next, AFTER_E0, 0xa0, 0xbf, TAIL1);
    put(next, AFTER_ED, 0x80, 0x9f, TAIL1);
    put(next, AFTER_F0, 0x90, 0xbf, TAIL2);
    put(next, AFTER_F4, 0x80, 0x8f, TAIL2);
    for (char c : "\"\\/bfnrt".toCharArray()) {
      put(next, ESCAPE, c, c, NEXT);
    }
    put(next, ESCAPE, 'u', 'u', HEX4);
    hex(next, HEX4, HEX3);
    put(next, HEX4, 'd', 'd', AFTER_D);
    put(next, HEX4, 'D', 'D', AFTER_D);
    hex(next, HEX3, HEX2);
    hex(next, HEX2, HEX1);
    hex(next, HEX1, NEXT);
    hex(next, AFTER_D, HIGH2);
    put(next, AFTER_D, '0', '7', HEX2);
    for (char c : "cdefCDEF".toCharArray()) {
      put(next, AFTER_D, c, c, -1);
      put(next, LOW3, c, c, HEX2);
    }
    hex(next, HIGH2, HIGH1);
    hex(next, HIGH1, PAIR);
    put(next, PAIR, '\\', '\\', PAIR_U);
    put(next, PAIR_U, 'u', 'u', LOW4);
    put(next, LOW4, 'd', 'd', LOW3);
    put(next, LOW4, 'D', 'D', LOW3);
    return next;
  }

  private static void put(byte[] next, int place, int from, int to, int target) {
    java.util.Arrays.fill(next, place * 256 + from, place * 256 + to + 1, (byte) target);
  }

  private static void hex(byte[] next, int place, int target) {
    put(next, place, '0', '9', target);
    put(next, place, 'a', 'f', target);
    put(next, place, 'A', 'F', target);
  }

  private static long state(int place, int min, int max) {
    return place | (long) max << 5 | (long) min << 35;
  }

  private static int place(long state) {
    return (int) (state & 31);
  }

  /** A state between two characters, of which so many must and may still come. */
  static long inside(int min, int max) {
    return state(NEXT, min, max);
  }

  static int max(long state) {
    return (int) (state >> 5) & UNLIMITED;
  }

  static int min(long state) {
    return (int) (state >> 35);
  }

  @Override
  public long start() {
    return state(OPEN, min, max);
  }

  @Override
  public long step(long state, int octet) {
    int place = place(state);
    int next = NEXT_PLACE[place * 256 + octet];
    if (next < 0) {
      return DEAD;
    }
    if (place != NEXT) {
      return state - place + next;
    }
    if (next == END) {
      return min(state) > 0 ? DEAD : END;
    }
    return begin(state, next);
  }

  private static long begin(long state, int place) {
    int most = max(state);
    if (most == 0) {
      return DEAD;
    }
    return state(place, Math.max(0, min(state) - 1), most == UNLIMITED ? most : most - 1);
  }

  /** Whether the opening quote has yet to come. */
  static boolean isBefore(long state) {
    return place(state) == OPEN;
  }

  /** Bytes that some place tells apart from the one before them. */
  static void markBoundaries(boolean[] starts) {
    for (int octet = 1; octet < 256; octet++) {
      for (int place = 0; place < PLACES; place++) {
        starts[octet] |= NEXT_PLACE[place * 256 + octet] != NEXT_PLACE[place * 256 + octet - 1];
      }
    }
  }

  @Override
  public boolean accepts(long state) {
    return place(state) == END;
  }

  @Override
  public boolean goesOn(long state) {
    return place(state) != END;
  }

  @Override
  public int cost(long state) {
    int place = place(state);
    if (place == END) {
      return 0;
    }
    return PENDING[place] + (min(state) + CHARACTERS_PER_TOKEN - 1) / CHARACTERS_PER_TOKEN + 1;
  }

  @Override
  public int largestCost(long state) {
    return Costs.plus(cost(state), 9);
  }

  @Override
  public boolean isBroad(long state) {
    int place = place(state);
    return place == NEXT && max(state) > 0;
  }

  @Override
  public long canonical(long state, int longestToken) {
    int most = longestToken + 1;
    int max = max(state) > most ? UNLIMITED : max(state);
    return state(place(state), Math.min(min(state), most), max);
  }

  @Override
  public Object family() {
    return FAMILY;
  }
}
