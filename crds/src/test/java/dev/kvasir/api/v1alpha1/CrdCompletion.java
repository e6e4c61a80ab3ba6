package dev.kvasir.api.v1alpha1;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crdv2.generator.CRDPostProcessor;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionVersion;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** Adds to the generated CRD what the generator's annotations can't say. */
final class CrdCompletion implements CRDPostProcessor {

  @Override
  public HasMetadata process(HasMetadata resource, String crdSpecVersion) {
    CustomResourceDefinitionVersion version =
        ((CustomResourceDefinition) resource).getSpec().getVersions().getFirst();
    orderColumns(version);
    JSONSchemaProps root = version.getSchema().getOpenAPIV3Schema();
    dropRepeatedRules(root);
    root.setDescription(
        "A language model, served by a number of pods behind one OpenAI-compatible endpoint.");
    describe(root, "spec", "What is wanted.");
    describe(root, "status", "What the operator sees; nobody else writes it.");
    at(root, "status", "observedGeneration").setFormat("int64");
    environment(at(root, "spec", "runtime", "env"));
    tolerations(at(root, "spec", "accelerator", "tolerations"));
    conditions(at(root, "status", "conditions"));
    return resource;
  }

  /** The generator sorts columns by path; people read them in the order of the annotations. */
  private static void orderColumns(CustomResourceDefinitionVersion version) {
    List<String> order =
        Arrays.stream(InferenceDeployment.class.getAnnotationsByType(AdditionalPrinterColumn.class))
            .map(AdditionalPrinterColumn::name)
            .toList();
    version
        .getAdditionalPrinterColumns()
        .sort(Comparator.comparingInt(column -> order.indexOf(column.getName())));
  }

  /** The generator sees a rule on a record's field and on its accessor. */
  private static void dropRepeatedRules(JSONSchemaProps schema) {
    schema.setXKubernetesValidations(
        schema.getXKubernetesValidations().stream().distinct().toList());
    schema.getProperties().values().forEach(CrdCompletion::dropRepeatedRules);
    if (schema.getItems() != null) {
      dropRepeatedRules(schema.getItems().getSchema());
    }
  }

  private static void environment(JSONSchemaProps env) {
    mapList(env, "name");
    JSONSchemaProps sources = at(env.getItems().getSchema(), "valueFrom");
    // Reads a file of a volume; the resource has no volumes to name.
    sources.getProperties().remove("fileKeyRef");
    require(at(sources, "secretKeyRef"), "key", "name");
    require(at(sources, "configMapKeyRef"), "key", "name");
    require(at(sources, "fieldRef"), "fieldPath");
    require(at(sources, "resourceFieldRef"), "resource");
    describe(sources, "secretKeyRef", "A key of a Secret in the same namespace.");
    describe(sources, "configMapKeyRef", "A key of a ConfigMap in the same namespace.");
    describe(sources, "fieldRef", "A field of the pod, for example metadata.name.");
    describe(sources, "resourceFieldRef", "A resource of the container, for example limits.cpu.");
  }

  private static void tolerations(JSONSchemaProps tolerations) {
    JSONSchemaProps item = tolerations.getItems().getSchema();
    at(item, "tolerationSeconds").setFormat("int64");
    describe(item, "key", "The taint's key; left out with operator Exists, every taint.");
    describe(item, "operator", "How value is compared: Equal (the default) or Exists.");
    describe(item, "value", "The taint's value, with operator Equal.");
    describe(item, "effect", "NoSchedule, PreferNoSchedule or NoExecute; left out, all of them.");
    describe(item, "tolerationSeconds", "How long a NoExecute taint is tolerated.");
  }

  private static void conditions(JSONSchemaProps conditions) {
    mapList(conditions, "type");
    JSONSchemaProps item = conditions.getItems().getSchema();
    require(item, "lastTransitionTime", "message", "reason", "status", "type");
    at(item, "lastTransitionTime").setFormat("date-time");
    at(item, "observedGeneration").setFormat("int64");
    Map.of(
            "type", "What the condition speaks of.",
            "status", "True, False or Unknown.",
            "reason", "One word for why; CONDITIONS.md lists them.",
            "message", "Why, for people.",
            "lastTransitionTime", "When the status last changed.",
            "observedGeneration", "The generation of the spec that was looked at.")
        .forEach((property, description) -> describe(item, property, description));
  }

  private static void mapList(JSONSchemaProps list, String key) {
    list.setXKubernetesListType("map");
    list.setXKubernetesListMapKeys(List.of(key));
  }

  private static void require(JSONSchemaProps schema, String... properties) {
    schema.setRequired(List.of(properties));
  }

  private static void describe(JSONSchemaProps schema, String property, String description) {
    at(schema, property).setDescription(description);
  }

  private static JSONSchemaProps at(JSONSchemaProps schema, String... path) {
    JSONSchemaProps here = schema;
    for (String name : path) {
      here = here.getProperties().get(name);
    }
    return here;
  }
}
