package dev.kvasir.runtime.http;

import java.time.Duration;

/**
 * What one client may take.
 *
 * @param maxBodyBytes largest request body
 * @param maxCalls requests that are answered at once, on one port
 * @param bodyTimeout for the whole body to arrive
 * @param writeTimeout for one write to a reader that takes nothing
 */
public record HttpLimits(
    int maxBodyBytes, int maxCalls, Duration bodyTimeout, Duration writeTimeout) {

  /** A queue's worth of requests, and some for probes. */
  public static HttpLimits standard() {
    return new HttpLimits(8 << 20, 8192, Duration.ofSeconds(30), Duration.ofSeconds(30));
  }

  /**
   * The JDK's server takes its own bounds from system properties, read once. Those that were given
   * on the command line stay.
   */
  static void configureJdkServer() {
    set("sun.net.httpserver.nodelay", "true");
    set("sun.net.httpserver.maxReqHeaders", "100");
    set("sun.net.httpserver.maxReqHeaderSize", "65536");
    // Seconds for request line, headers and body; ours for the body is shorter and answers.
    set("sun.net.httpserver.maxReqTime", "60");
    set("sun.net.httpserver.idleInterval", "60");
    set("sun.net.httpserver.maxIdleConnections", "4096");
    set("jdk.httpserver.maxConnections", "16384");
    // So much of a refused body is read, or the client would see a reset instead of the refusal.
    set("sun.net.httpserver.drainAmount", String.valueOf(32 << 20));
  }

  private static void set(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }
}
