package dev.kvasir.api.v1alpha1;

import static dev.kvasir.api.v1alpha1.Consequence.REPLACE_PODS;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Map;
import java.util.TreeMap;

/** CPU, memory and local disk of the container. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
    value =
        "!has(self.requests) || !has(self.limits) || self.requests.all(k, !(k in self.limits) ||"
            + " !isQuantity(string(self.requests[k])) || !isQuantity(string(self.limits[k])) ||"
            + " quantity(string(self.requests[k])).compareTo(quantity(string(self.limits[k]))) <="
            + " 0)",
    message = "a request must not exceed its limit")
public record ResourcesSpec(
    @Size(max = 3)
        @ValidationRule(
            value = "self.all(k, k in ['cpu', 'memory', 'ephemeral-storage'])",
            message = ONLY)
        @ValidationRule(
            value =
                "self.all(k, isQuantity(string(self[k])) &&"
                    + " quantity(string(self[k])).compareTo(quantity('0')) >= 0)",
            message = QUANTITY)
        @OnChange(REPLACE_PODS)
        @JsonPropertyDescription("What the scheduler reserves, for example {cpu: 2, memory: 4Gi}.")
        Map<@Size(max = 64) String, Quantity> requests,
    @Size(max = 3)
        @ValidationRule(
            value = "self.all(k, k in ['cpu', 'memory', 'ephemeral-storage'])",
            message = ONLY)
        @ValidationRule(
            value =
                "self.all(k, isQuantity(string(self[k])) &&"
                    + " quantity(string(self[k])).compareTo(quantity('0')) >= 0)",
            message = QUANTITY)
        @OnChange(REPLACE_PODS)
        @JsonPropertyDescription("What the container may use at most.")
        Map<@Size(max = 64) String, Quantity> limits) {

  static final String ONLY =
      "only cpu, memory and ephemeral-storage: accelerators belong to spec.accelerator";
  static final String QUANTITY =
      "must be quantities that are not negative, for example 500m or 4Gi";
  static final ResourcesSpec DEFAULT = new ResourcesSpec(null, null);

  public ResourcesSpec {
    requests = requests == null ? Map.of() : new TreeMap<>(requests);
    limits = limits == null ? Map.of() : new TreeMap<>(limits);
  }
}
