package dev.kvasir.operator.rollout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.kvasir.api.v1alpha1.Consequence;
import dev.kvasir.api.v1alpha1.InferenceDeploymentSpec;
import dev.kvasir.operator.TestingSpecs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpecChangeTest {
  private static final InferenceDeploymentSpec SAMPLE =
      TestingSpecs.spec("{model: {uri: 'bundled://sample'}}");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {model: {uri: 'bundled://sample'}}                                         | NOTHING
          {model: {uri: 'bundled://sample'}, replicas: 1, accelerator: {count: 0}}   | NOTHING
          {model: {uri: 'bundled://sample'}, rollout: {maxSurge: 2}}                 | NOTHING
          {model: {uri: 'bundled://sample'}, rollout: {drain: {maxDuration: 10m}}}   | NOTHING
          {model: {uri: 'bundled://sample'}, replicas: 3}                            | SCALE
          {model: {uri: 'bundled://sample'}, replicas: 3, rollout: {maxSurge: 2}}    | SCALE
          {model: {uri: 'file:///sample'}}                                           | REPLACE_PODS
          {model: {uri: 'bundled://sample'}, runtime: {maxNumSeqs: 8}, replicas: 3}  | REPLACE_PODS
          {model: {uri: 'bundled://sample'}, rollout: {drain: {maxDuration: 5m}}}    | REPLACE_PODS
          """)
  void theConsequenceIsOnTheField(String spec, Consequence consequence) {
    InferenceDeploymentSpec after = TestingSpecs.spec(spec);
    assertEquals(consequence, SpecChange.between(SAMPLE, after).consequence(), spec);
    boolean sameTemplate = TemplateHash.of(SAMPLE).equals(TemplateHash.of(after));
    assertEquals(consequence != Consequence.REPLACE_PODS, sameTemplate, "hash for " + spec);
  }

  @Test
  void saysWhy() {
    InferenceDeploymentSpec after =
        TestingSpecs.spec(
            "{model: {uri: 'file:///m'}, runtime: {maxModelLen: 64, args: [--seed, '1']},"
                + " replicas: 5}");
    assertEquals(
        "spec.model.uri changed from bundled://sample to file:///m, spec.runtime.args changed,"
            + " spec.runtime.maxModelLen set to 64",
        SpecChange.between(SAMPLE, after).because());
  }

  @Test
  void theSameAmountIsNoChange() {
    assertEquals(
        TemplateHash.of(memory("1Gi")), TemplateHash.of(memory("1024Mi")), "1Gi and 1024Mi");
    assertNotEquals(TemplateHash.of(memory("1Gi")), TemplateHash.of(memory("1G")), "1Gi and 1G");
  }

  /** Were these to change, an upgrade of the operator would replace every pod of every user. */
  @Test
  void hashesStayAsTheyAreFromReleaseToRelease() {
    assertEquals("958ededeb0", TemplateHash.of(SAMPLE));
  }

  private static InferenceDeploymentSpec memory(String amount) {
    return TestingSpecs.spec(
        "{model: {uri: 'bundled://sample'}, runtime: {kvCache: {memory: %s}, resources: {limits:"
                .formatted(amount)
            + " {memory: %s}}}}".formatted(amount));
  }
}
