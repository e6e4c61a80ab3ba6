package dev.kvasir.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/** Who may use the endpoint. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record AccessSpec(
    @JsonPropertyDescription(
            "The Secret with the API keys, one a line, that clients must send as bearer tokens.")
        ApiKeysSecretRef apiKeysSecretRef) {

  static final AccessSpec DEFAULT = new AccessSpec(null);
}
