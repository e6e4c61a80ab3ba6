package dev.kvasir.operator.telemetry;

import java.util.Map;

/**
 * The card that an engine runs on, in its own words.
 *
 * @param memoryByUse in bytes: weights, kv and others
 */
record Card(String name, double memoryBytes, String driver, Map<String, Double> memoryByUse) {
  private static final int LONGEST = 128;

  Card {
    name = shortened(name);
    driver = shortened(driver);
    memoryByUse = Map.copyOf(memoryByUse);
  }

  /** Pods may run any engine; what they say goes into a status. */
  private static String shortened(String text) {
    return text.length() <= LONGEST ? text : text.substring(0, LONGEST);
  }

  /** Two cards of a kind differ in nothing but what is on them. */
  Kind kind() {
    return new Kind(name, memoryBytes, driver);
  }

  record Kind(String name, double memoryBytes, String driver) {}
}
