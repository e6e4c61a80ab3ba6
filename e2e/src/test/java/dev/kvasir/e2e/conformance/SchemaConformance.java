package dev.kvasir.e2e.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Defaults, and the refusal of what a schema does not allow. */
interface SchemaConformance {
  Path FILES = Path.of("../crds/src/test/resources/validation");
  String EXPECT = "# expect: ";

  @Test
  default void aCustomResourceGetsItsDefaults(Sandbox box) {
    Reply widget = create(box, "{\"size\": 1, \"parts\": [{\"name\": \"a\"}]}").expect(201);
    assertEquals("red", widget.text("/spec/color"));
    assertEquals(1, widget.at("/spec/replicas").asInt());
    assertEquals(1, widget.at("/spec/parts/0/count").asInt());
  }

  @Test
  default void aDefaultComesBackWhenItsFieldIsRemoved(Sandbox box) {
    create(box, "{\"size\": 1, \"color\": \"blue\"}").expect(201);
    Reply patched =
        box.api().patch(box.widgets("/w"), Api.MERGE, "{\"spec\": {\"color\": null}}").expect(200);
    assertEquals("red", patched.text("/spec/color"));
  }

  @Test
  default void strictValidationRefusesUnknownFields(Sandbox box) {
    box.api()
        .post(
            box.widgets("?fieldValidation=Strict"),
            Manifests.widget("w", "{\"size\": 1, \"colour\": \"red\"}"))
        .expect(400)
        .saying("strict decoding error: unknown field \"spec.colour\"");
    box.api()
        .post(
            box.apps("deployments?fieldValidation=Strict"),
            Manifests.deployment("d", 0, "\"replica\": 1,"))
        .expect(400)
        .saying("strict decoding error: unknown field \"spec.replica\"");
    box.api()
        .post(
            box.core("configmaps?fieldValidation=Strict"),
            "{\"kind\": \"ConfigMap\", \"apiVersion\": \"v1\", \"metadata\": {\"name\": \"a\", \"name\": \"b\"}}")
        .expect(400)
        .saying("duplicate field \"metadata.name\"");
  }

  @Test
  default void strictValidationCoversPatches(Sandbox box) {
    create(box, "{\"size\": 1}").expect(201);
    String more = "?fieldValidation=Strict&fieldManager=m";
    box.api()
        .patch(box.widgets("/w" + more), Api.MERGE, "{\"spec\": {\"colour\": \"red\"}}")
        .expect(422)
        .saying("unknown field \"spec.colour\"");
    box.api()
        .patch(
            box.widgets("/w" + more),
            Api.APPLY,
            Manifests.widget("w", "{\"size\": 1, \"colour\": \"red\"}"))
        .saying(".spec.colour: field not declared in schema");
    assertFalse(box.api().get(box.widgets("/w")).has("/spec/colour"));
  }

  @Test
  default void unknownFieldsAreDroppedWithAWarningOtherwise(Sandbox box) {
    Reply warned =
        box.api()
            .post(
                box.widgets("?fieldValidation=Warn"),
                Manifests.widget("w", "{\"size\": 1, \"colour\": \"red\"}"))
            .expect(201);
    assertFalse(warned.has("/spec/colour"));
    assertTrue(warned.warning().contains("unknown field \\\"spec.colour\\\""), warned.warning());
    Reply silent =
        box.api()
            .post(
                box.widgets("?fieldValidation=Ignore"),
                Manifests.widget("v", "{\"size\": 1, \"colour\": \"red\"}"))
            .expect(201);
    assertEquals("", silent.warning());
  }

  @Test
  default void typesAndLimitsAreChecked(Sandbox box) {
    create(box, "{\"size\": \"big\"}")
        .expect(422)
        .saying(
            "spec.size: Invalid value: \"string\": spec.size in body must be of type integer: \"string\"");
    create(box, "{\"size\": 101}")
        .expect(422)
        .saying(
            "spec.size: Invalid value: 101: spec.size in body should be less than or equal to 100");
    create(box, "{\"size\": -1}")
        .expect(422)
        .saying(
            "spec.size: Invalid value: -1: spec.size in body should be greater than or equal to 0");
    create(box, "{\"color\": \"red\"}").expect(422).saying("spec.size: Required value");
    create(box, "{\"size\": 1, \"color\": \"pink\"}")
        .expect(422)
        .saying(
            "spec.color: Unsupported value: \"pink\": supported values: \"red\", \"green\", \"blue\"");
    create(box, "{\"size\": 1, \"serial\": \"abc\"}")
        .expect(422)
        .saying("spec.serial: Invalid value: \"abc\": spec.serial in body should match '^[A-Z]+$'");
    create(box, "{\"size\": 1, \"options\": {\"a\": 1}}")
        .expect(422)
        .saying(
            "spec.options.a: Invalid value: \"integer\": spec.options.a in body must be of type string: \"integer\"");
    create(box, "{\"size\": 1, \"parts\": [{\"count\": 2}]}")
        .expect(422)
        .saying("spec.parts[0].name: Required value");
    create(box, "{\"size\": 1, \"parts\": [{\"name\": \"a\"}, {\"name\": \"a\"}]}")
        .expect(422)
        .saying("spec.parts[1]: Duplicate value: {\"name\":\"a\"}");
    create(box, "{\"size\": 1, \"tags\": [\"x\", \"x\"]}")
        .expect(422)
        .saying("spec.tags[1]: Duplicate value: \"x\"");
  }

  @Test
  default void rulesAreChecked(Sandbox box) {
    Reply refused = create(box, "{\"size\": 5, \"limit\": 3}").expect(422);
    assertEquals("Invalid", refused.reason());
    refused
        .saying("Widget.conformance.kvasir.dev \"w\" is invalid: spec: Invalid value: ")
        .saying("size must not be over limit");
    create(box, "{\"size\": 5, \"limit\": 5}").expect(201);
    box.api()
        .patch(box.widgets("/w"), Api.MERGE, "{\"spec\": {\"size\": 6}}")
        .expect(422)
        .saying("size must not be over limit");
    box.api()
        .patch(box.widgets("/w/scale"), Api.MERGE, "{\"spec\": {\"replicas\": 2}}")
        .expect(200);
  }

  @Test
  default void rulesSeeTheOldValue(Sandbox box) {
    create(box, "{\"size\": 1, \"serial\": \"ABC\"}").expect(201);
    box.api().patch(box.widgets("/w"), Api.MERGE, "{\"spec\": {\"size\": 2}}").expect(200);
    box.api()
        .patch(box.widgets("/w"), Api.MERGE, "{\"spec\": {\"serial\": \"DEF\"}}")
        .expect(422)
        .saying("spec.serial: Invalid value: \"DEF\": serial can't be changed");
  }

  @Test
  default void statusIsCheckedToo(Sandbox box) {
    create(box, "{\"size\": 1}").expect(201);
    box.api()
        .patch(box.widgets("/w/status"), Api.MERGE, "{\"status\": {\"replicas\": \"two\"}}")
        .expect(422)
        .saying("status.replicas");
  }

  @Test
  default void builtInsAreChecked(Sandbox box) {
    String mismatch =
        Manifests.deployment("d", 0)
            .replace("{\"labels\": {\"app\": \"d\"}}", "{\"labels\": {\"app\": \"e\"}}");
    box.api()
        .post(box.apps("deployments"), mismatch)
        .expect(422)
        .saying("`selector` does not match template `labels`");
    box.api()
        .post(box.apps("deployments"), Manifests.deployment("d", -1))
        .expect(422)
        .saying("spec.replicas: Invalid value: -1: must be greater than or equal to 0");
    box.api()
        .post(box.core("services"), Manifests.service("s").replace("8000", "80000"))
        .expect(422)
        .saying("spec.ports[0].port: Invalid value: 80000: must be between 1 and 65535, inclusive");
    box.api()
        .post(
            box.core("pods"),
            Manifests.pod("p", "").replace("\"image\": \"conformance/none:1\"", "\"tty\": true"))
        .expect(422)
        .saying("spec.containers[0].image: Required value");
    box.api()
        .post(
            box.core("configmaps"),
            Manifests.configMapWith("a", "\"labels\": {\"l\": \"not a label\"}"))
        .expect(422)
        .saying("metadata.labels: Invalid value: \"not a label\"");
    box.api().post(box.core("configmaps"), Manifests.configMap("a", "{\"k\": 1}")).expect(400);
  }

  @Test
  default void aDeploymentsSelectorNeverChanges(Sandbox box) {
    box.api().post(box.apps("deployments"), Manifests.deployment("d", 0)).expect(201);
    String other =
        "{\"spec\": {\"selector\": {\"matchLabels\": {\"app\": \"e\"}}, \"template\": {\"metadata\": {\"labels\": {\"app\": \"e\"}}}}}";
    box.api()
        .patch(box.apps("deployments/d"), Api.MERGE, other)
        .expect(422)
        .saying("field is immutable");
  }

  @Test
  default void everyInvalidInferenceDeploymentIsRefused(Sandbox box) throws IOException {
    var failures = new ArrayList<String>();
    for (Path file : files("invalid")) {
      String yaml = Files.readString(file);
      String expected = yaml.lines().findFirst().orElseThrow().substring(EXPECT.length());
      String output = box.kubectl().failing(yaml, "create", "-f", "-").output();
      String plain = output.replace("\\\"", "\"");
      if (!plain.contains(expected)) {
        failures.add(file.getFileName() + ": '" + expected + "' is not in: " + output);
      }
    }
    assertEquals(List.of(), failures);
  }

  @Test
  default void everyValidInferenceDeploymentIsTakenOnce(Sandbox box) throws IOException {
    for (Path file : files("valid")) {
      String first = apply(box, file);
      assertEquals(first, apply(box, file), file + ": applying it again has written something");
    }
  }

  private static String apply(Sandbox box, Path file) throws IOException {
    return box.kubectl()
        .withInput(
            Files.readString(file),
            "apply",
            "--server-side",
            "-f",
            "-",
            "-o",
            "jsonpath={.metadata.resourceVersion}")
        .output();
  }

  private static List<Path> files(String folder) throws IOException {
    try (Stream<Path> files = Files.list(FILES.resolve(folder))) {
      return files.sorted().toList();
    }
  }

  private static Reply create(Sandbox box, String spec) {
    return box.api().post(box.widgets(""), Manifests.widget("w", spec));
  }
}
