package dev.kvasir.e2e.controllers;

import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.charset.StandardCharsets;

/** Tells pod templates apart: the label {@code pod-template-hash}. */
final class TemplateHash {
  static final String LABEL = "pod-template-hash";

  private static final String ALPHABET = "bcdfghjklmnpqrstvwxz2456789";
  private static final int FNV_OFFSET = 0x811c9dc5;
  private static final int FNV_PRIME = 16777619;

  private TemplateHash() {}

  static String of(PodTemplateSpec template, int collisions) {
    byte[] bytes = (canonical(template) + collisions).getBytes(StandardCharsets.UTF_8);
    int hash = FNV_OFFSET;
    for (byte b : bytes) {
      hash = (hash ^ (b & 0xff)) * FNV_PRIME;
    }
    return encode(Integer.toUnsignedLong(hash));
  }

  static boolean same(PodTemplateSpec one, PodTemplateSpec other) {
    return canonical(one).equals(canonical(other));
  }

  private static String canonical(PodTemplateSpec template) {
    var builder = new PodTemplateSpecBuilder(template);
    if (builder.hasMetadata()) {
      builder.editMetadata().removeFromLabels(LABEL).endMetadata();
    }
    return Serialization.asJson(builder.build());
  }

  /** Without vowels and look-alikes, as Kubernetes writes names. */
  private static String encode(long hash) {
    var text = new StringBuilder();
    for (char digit : Long.toString(hash).toCharArray()) {
      text.append(ALPHABET.charAt((digit - '0') % ALPHABET.length()));
    }
    return text.toString();
  }
}
