package dev.kvasir.operator.rollout;

import dev.kvasir.api.v1alpha1.Consequence;
import dev.kvasir.api.v1alpha1.InferenceDeploymentSpec;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Names a pod template by the fields of the spec that reach it. Nothing else goes in: not the
 * operator's version, not its settings, so that an operator's upgrade replaces no pod.
 */
public final class TemplateHash {
  private static final int BYTES = 5;

  private TemplateHash() {}

  public static String of(InferenceDeploymentSpec spec) {
    StringBuilder text = new StringBuilder();
    SpecFields.of(spec)
        .forEach((path, leaf) -> {
          if (leaf.consequence() == Consequence.REPLACE_PODS) {
            text.append(path).append('=').append(leaf.value()).append('\n');
          }
        });
    return HexFormat.of().formatHex(sha256(text.toString()), 0, BYTES);
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
