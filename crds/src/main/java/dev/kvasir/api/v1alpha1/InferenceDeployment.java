package dev.kvasir.api.v1alpha1;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/** A language model, served by a number of pods behind one OpenAI-compatible endpoint. */
@Group(InferenceDeployment.GROUP)
@Version(InferenceDeployment.VERSION)
@ShortNames("infd")
@Categories("all")
@AdditionalPrinterColumn(
    name = "MODEL",
    jsonPath = ".status.model",
    type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
    name = "QUANT",
    jsonPath = ".status.quantization",
    type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
    name = "READY",
    jsonPath = ".status.readyReplicas",
    type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(
    name = "DESIRED",
    jsonPath = ".status.desiredReplicas",
    type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(
    name = "KV%",
    jsonPath = ".status.telemetry.kvPercent",
    type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(
    name = "TOK/S",
    jsonPath = ".status.telemetry.tokensPerSecond",
    type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(
    name = "QUEUE",
    jsonPath = ".status.telemetry.waiting",
    type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(
    name = "PHASE",
    jsonPath = ".status.phase",
    type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
    name = "CARD",
    jsonPath = ".status.accelerators[0].name",
    type = AdditionalPrinterColumn.Type.STRING,
    priority = 1)
@AdditionalPrinterColumn(
    name = "ENDPOINT",
    jsonPath = ".status.endpoint",
    type = AdditionalPrinterColumn.Type.STRING,
    priority = 1)
@AdditionalPrinterColumn(
    name = "AGE",
    jsonPath = ".metadata.creationTimestamp",
    type = AdditionalPrinterColumn.Type.DATE)
@ValidationRule(
    value = "self.metadata.name.matches('^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$')",
    message =
        "metadata.name must start with a letter, hold only a-z, 0-9 and '-', and have at most 63"
            + " characters: the Service is named after it")
public final class InferenceDeployment
    extends CustomResource<InferenceDeploymentSpec, InferenceDeploymentStatus>
    implements Namespaced {
  private static final long serialVersionUID = 1L;

  public static final String GROUP = "inference.kvasir.dev";
  public static final String VERSION = "v1alpha1";
  public static final String KIND = "InferenceDeployment";

  @Override
  @Required
  public InferenceDeploymentSpec getSpec() {
    return super.getSpec();
  }

  @Override
  protected InferenceDeploymentSpec initSpec() {
    return null;
  }

  @Override
  protected InferenceDeploymentStatus initStatus() {
    return null;
  }
}
