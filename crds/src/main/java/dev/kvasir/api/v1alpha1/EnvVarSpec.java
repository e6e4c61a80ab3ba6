package dev.kvasir.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.EnvVarSource;

/** One environment variable, by value or by reference. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
    value = "!(has(self.value) && has(self.valueFrom))",
    message = "set value or valueFrom, not both")
public record EnvVarSpec(
    @Required
        @Size(min = 1, max = 253)
        @Pattern("^[A-Za-z_][A-Za-z0-9_.-]*$")
        @JsonPropertyDescription("The variable's name.")
        String name,
    @Size(max = 32768)
        @JsonPropertyDescription("Its value; $(OTHER) is replaced as Kubernetes does it.")
        String value,
    @JsonPropertyDescription("Where its value comes from: a Secret, a ConfigMap, the pod itself.")
        EnvVarSource valueFrom) {}
