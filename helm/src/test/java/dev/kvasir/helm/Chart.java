package dev.kvasir.helm;

import com.marcnuri.helm.Helm;
import java.nio.file.Path;

/** The chart, rendered by Helm itself. */
final class Chart {
  static final Path PATH = Path.of("kvasir");

  private Chart() {}

  /** What {@code helm template} prints; throws where Helm refuses the values. */
  static String render(Path values) {
    return new Helm(PATH)
        .template()
        .withName("kvasir")
        .withNamespace("kvasir-system")
        .withKubeVersion("1.34.0")
        .withValuesFile(values)
        .call();
  }
}
