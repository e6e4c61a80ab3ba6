package dev.kvasir.api.v1alpha1;

import static dev.kvasir.api.v1alpha1.Consequence.REPLACE_PODS;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/** Which model, and under what name clients ask for it. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record ModelSpec(
    @Required
        @Size(min = 1, max = 1024)
        @ValidationRule(
            value = "!self.startsWith('hf://')",
            message =
                "hf:// is not supported yet: put the checkpoint where the pod can read it and use"
                    + " file:///PATH")
        @ValidationRule(
            value = "!self.startsWith('s3://')",
            message =
                "s3:// is not supported yet: put the checkpoint where the pod can read it and use"
                    + " file:///PATH")
        @ValidationRule(
            value = "!self.startsWith('oci://')",
            message =
                "oci:// is not supported yet: put the checkpoint where the pod can read it and use"
                    + " file:///PATH")
        @ValidationRule(
            value =
                "self.startsWith('hf://') || self.startsWith('s3://') || self.startsWith('oci://')"
                    + " || self.matches('"
                    + BUNDLED
                    + "') || self.matches('"
                    + FILE
                    + "')",
            message =
                "must be bundled://NAME (a model that the image carries) or file:///PATH (a"
                    + " directory in the container, absolute, without '..')")
        @OnChange(REPLACE_PODS)
        @JsonPropertyDescription(
            "Where the model lies. bundled://NAME: a model that the runtime's image carries, for"
                + " example bundled://sample. file:///PATH: a Hugging Face model directory in the"
                + " container.")
        String uri,
    @Size(min = 1, max = 128)
        @Pattern(NAME)
        @OnChange(REPLACE_PODS)
        @JsonPropertyDescription(
            "The model name that clients send in their requests. Default: the resource's name.")
        String name,
    @OnChange(REPLACE_PODS)
        @JsonPropertyDescription(
            "How the checkpoint must be quantized; a pod refuses another one. Default: auto, which"
                + " takes what the checkpoint says.")
        Quantization quantization) {

  public static final String BUNDLED = "^bundled://[a-z0-9]([-a-z0-9.]*[a-z0-9])?$";
  public static final String FILE = "^file://(/[A-Za-z0-9_@+=~-][A-Za-z0-9._@+=~-]*)+/?$";
  public static final String NAME = "^[A-Za-z0-9]([A-Za-z0-9._/:-]*[A-Za-z0-9])?$";
}
