package dev.kvasir.runtime.device;

import java.util.Optional;

/** A linear layer on the host: {@code y = weight * x + bias}. */
public record Linear(HostWeight weight, Optional<float[]> bias) {
  public Linear {
    bias.ifPresent(values -> {
      if (values.length != weight.rows()) {
        throw new IllegalArgumentException(
            "a bias of %d for %d outputs".formatted(values.length, weight.rows()));
      }
    });
  }
}
