package dev.kvasir.runtime;

/** The program's entry: config, device, weights, KV pool, engine, HTTP. */
public final class RuntimeMain {
  private RuntimeMain() {}

  public static void main(String[] args) {
    System.err.println("node-runtime: no command is there yet");
    System.exit(2);
  }
}
