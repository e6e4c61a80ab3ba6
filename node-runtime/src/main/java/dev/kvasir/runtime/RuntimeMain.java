package dev.kvasir.runtime;

import dev.kvasir.runtime.cli.NodeRuntimeCommand;

/** The program's entry; the commands compose config, device, weights, KV pool, engine, HTTP. */
public final class RuntimeMain {
  private RuntimeMain() {}

  public static void main(String[] args) {
    System.exit(NodeRuntimeCommand.run(args));
  }
}
