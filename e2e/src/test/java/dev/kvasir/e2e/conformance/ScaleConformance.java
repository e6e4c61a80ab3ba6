package dev.kvasir.e2e.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** The scale subresource, for Deployments and for a custom resource. */
interface ScaleConformance {
  @Test
  default void aCustomResourceShowsItsScale(Sandbox box) {
    box.api()
        .post(box.widgets(""), Manifests.widget("w", "{\"size\": 1, \"replicas\": 3}"))
        .expect(201);
    box.api()
        .patch(
            box.widgets("/w/status"),
            Api.MERGE,
            "{\"status\": {\"replicas\": 2, \"selector\": \"app=w\"}}")
        .expect(200);
    Reply scale = box.api().get(box.widgets("/w/scale")).expect(200);
    assertEquals("autoscaling/v1 Scale", scale.text("/apiVersion") + " " + scale.text("/kind"));
    assertEquals(3, scale.at("/spec/replicas").asInt());
    assertEquals(2, scale.at("/status/replicas").asInt());
    assertEquals("app=w", scale.text("/status/selector"));
  }

  @Test
  default void scalingACustomResourceChangesItsSpecAlone(Sandbox box) {
    box.api().post(box.widgets(""), Manifests.widget("w", "{\"size\": 1}")).expect(201);
    Reply scale =
        box.api()
            .patch(box.widgets("/w/scale"), Api.MERGE, "{\"spec\": {\"replicas\": 4}}")
            .expect(200);
    assertEquals(4, scale.at("/spec/replicas").asInt());
    Reply widget = box.api().get(box.widgets("/w"));
    assertEquals(4, widget.at("/spec/replicas").asInt());
    assertEquals(1, widget.at("/spec/size").asInt());
    assertEquals(2, widget.generation());
  }

  @Test
  default void aScaleIsReplacedInTheVersionThatWasRead(Sandbox box) {
    box.api().post(box.widgets(""), Manifests.widget("w", "{\"size\": 1}")).expect(201);
    String read = box.api().get(box.widgets("/w/scale")).body().toString();
    box.api()
        .put(box.widgets("/w/scale"), read.replace("\"replicas\":1", "\"replicas\":5"))
        .expect(200);
    box.api()
        .put(box.widgets("/w/scale"), read.replace("\"replicas\":1", "\"replicas\":6"))
        .expect(409);
    assertEquals(5, box.api().get(box.widgets("/w")).at("/spec/replicas").asInt());
  }

  @Test
  default void aScaleBelowZeroIsRefused(Sandbox box) {
    box.api().post(box.widgets(""), Manifests.widget("w", "{\"size\": 1}")).expect(201);
    box.api().post(box.apps("deployments"), Manifests.deployment("d", 0)).expect(201);
    String negative = "{\"spec\": {\"replicas\": -1}}";
    box.api().patch(box.widgets("/w/scale"), Api.MERGE, negative).expect(422);
    box.api().patch(box.apps("deployments/d/scale"), Api.MERGE, negative).expect(422);
  }

  @Test
  default void aDeploymentsScaleHasItsSelector(Sandbox box) {
    box.api().post(box.apps("deployments"), Manifests.deployment("d", 0)).expect(201);
    Reply scale = box.api().get(box.apps("deployments/d/scale")).expect(200);
    assertEquals("app=d", scale.text("/status/selector"));
    assertEquals(
        box.api().get(box.apps("deployments/d")).text("/metadata/uid"),
        scale.text("/metadata/uid"));
  }

  @Test
  default void kubectlScales(Sandbox box) {
    box.api().post(box.widgets(""), Manifests.widget("w", "{\"size\": 1}")).expect(201);
    box.api().post(box.apps("deployments"), Manifests.deployment("d", 0)).expect(201);
    var kubectl = box.kubectl();
    assertEquals(
        "widget.conformance.kvasir.dev/w scaled\n",
        kubectl.run("scale", "wdg/w", "--replicas=2").output());
    assertEquals(
        "deployment.apps/d scaled\n", kubectl.run("scale", "deploy", "d", "--replicas=1").output());
    assertEquals(2, box.api().get(box.widgets("/w")).at("/spec/replicas").asInt());
    assertEquals(1, box.api().get(box.apps("deployments/d")).at("/spec/replicas").asInt());
    var refused = kubectl.failing("", "scale", "wdg/w", "--current-replicas=7", "--replicas=3");
    assertTrue(refused.output().contains("Expected replicas to be 7, was 2"), refused.output());
  }

  @Test
  default void anInferenceDeploymentScales(Sandbox box) {
    box.kubectl().withInput(InferenceDeployments.SAMPLE, "apply", "-f", "-");
    assertEquals(
        "inferencedeployment.inference.kvasir.dev/sample scaled\n",
        box.kubectl().run("scale", "infd", "sample", "--replicas=2").output());
    assertEquals(
        "2",
        box.kubectl().run("get", "infd", "sample", "-o", "jsonpath={.spec.replicas}").output());
  }
}
