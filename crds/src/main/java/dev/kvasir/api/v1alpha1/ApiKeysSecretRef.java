package dev.kvasir.api.v1alpha1;

import static dev.kvasir.api.v1alpha1.Consequence.REPLACE_PODS;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.Objects;

/** A key of a Secret in the resource's namespace. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record ApiKeysSecretRef(
    @Required
        @Size(min = 1, max = 253)
        @Pattern("^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")
        @OnChange(REPLACE_PODS)
        @JsonPropertyDescription("The Secret's name, in the same namespace.")
        String name,
    @Default(DEFAULT_KEY)
        @Size(min = 1, max = 253)
        @Pattern("^[-._A-Za-z0-9]+$")
        @OnChange(REPLACE_PODS)
        @JsonPropertyDescription("The key in the Secret's data. Default: api-keys.")
        String key) {

  private static final String DEFAULT_KEY = "api-keys";

  public ApiKeysSecretRef {
    key = Objects.requireNonNullElse(key, DEFAULT_KEY);
  }
}
