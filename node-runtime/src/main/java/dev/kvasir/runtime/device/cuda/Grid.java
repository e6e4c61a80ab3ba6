package dev.kvasir.runtime.device.cuda;

/** Blocks of a launch. */
record Grid(int x, int y, int z) {
  boolean isEmpty() {
    return x == 0 || y == 0 || z == 0;
  }

  static Grid of(int x) {
    return new Grid(x, 1, 1);
  }

  static Grid of(int x, int y) {
    return new Grid(x, y, 1);
  }
}
