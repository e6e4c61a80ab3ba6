package dev.kvasir.runtime.cli;

import java.lang.reflect.Proxy;

/**
 * Operating system signals. A shutdown hook would do for SIGTERM, but runs after logging has
 * stopped and can't choose the exit code. The JDK's class for signals is meant for use but can't be
 * named without a compiler warning, hence reflection.
 */
final class Signals {
  private Signals() {}

  static void handle(String name, Runnable action) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object proxy =
          Proxy.newProxyInstance(
              handler.getClassLoader(),
              new Class<?>[] {handler},
              (self, method, arguments) -> {
                action.run();
                return null;
              });
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("signals can't be handled on this JVM", e);
    }
  }
}
