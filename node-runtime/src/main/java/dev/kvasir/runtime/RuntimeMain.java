package dev.kvasir.runtime;

import dev.kvasir.runtime.cli.NodeRuntimeCommand;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/** The program's entry; the commands compose config, device, weights, KV pool, engine, HTTP. */
public final class RuntimeMain {
  private RuntimeMain() {}

  public static void main(String[] args) {
    System.exit(
        NodeRuntimeCommand.run(new PrintWriter(System.err, true, StandardCharsets.UTF_8), args));
  }
}
