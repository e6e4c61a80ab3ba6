package dev.kvasir.e2e.node;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The cases of Kubernetes' own expansion library. */
class VariableReferencesTest {
  @ParameterizedTest
  @CsvSource({
    "$(A), one",
    "x$(A)y$(B)z, xoneytwoz",
    "$(UNKNOWN), $(UNKNOWN)",
    "$$(A), $(A)",
    "$$$(A), $one",
    "$(A, $(A",
    "$A, $A",
    "$, $",
    "a$, a$",
    "$(), $()"
  })
  void expands(String text, String expected) {
    assertEquals(expected, VariableReferences.expand(text, Map.of("A", "one", "B", "two")));
  }
}
