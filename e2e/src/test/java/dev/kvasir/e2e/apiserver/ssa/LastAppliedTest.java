package dev.kvasir.e2e.apiserver.ssa;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.node.MissingNode;
import dev.kvasir.e2e.apiserver.TestingJson;
import dev.kvasir.e2e.apiserver.model.ApiException;
import dev.kvasir.e2e.apiserver.model.Json;
import dev.kvasir.e2e.apiserver.model.KubeObject;
import dev.kvasir.e2e.apiserver.model.ResourceType;
import dev.kvasir.e2e.apiserver.resource.ResourceRegistry;
import dev.kvasir.e2e.apiserver.schema.ModelSchemas;
import dev.kvasir.e2e.apiserver.ssa.FieldManager.Writer;
import java.time.Clock;
import org.junit.jupiter.api.Test;

class LastAppliedTest {
  private final ResourceType configMaps =
      new ResourceRegistry(new ModelSchemas()).builtIn("", "v1", "configmaps");
  private final FieldManager manager = new FieldManager(Clock.systemUTC());

  @Test
  void kubectlTakesOverWhatItAppliedOnTheClient() {
    KubeObject live = appliedOnTheClient("{a: x}");
    Writer kubectl = new Writer("kubectl", "");
    KubeObject after = manager.apply(live, configMap("{a: y}"), kubectl, false, configMaps);
    assertEquals("y", after.at("data.a").asText());
  }

  @Test
  void othersDoNotAndNeitherDoesItWhereTheValueWasChanged() {
    KubeObject live = appliedOnTheClient("{a: x}");
    Writer other = new Writer("other", "");
    assertThrows(
        ApiException.class,
        () -> manager.apply(live, configMap("{a: y}"), other, false, configMaps));
    KubeObject changed = live.copy();
    Json.child(changed.json(), "data").put("a", "z");
    manager.update(live, changed, MissingNode.getInstance(), other, configMaps);
    Writer kubectl = new Writer("kubectl", "");
    assertThrows(
        ApiException.class,
        () -> manager.apply(changed, configMap("{a: y}"), kubectl, false, configMaps));
  }

  private KubeObject appliedOnTheClient(String data) {
    KubeObject live = configMap(data);
    LastApplied.remember(live, configMap(data));
    KubeObject nothing = new KubeObject(Json.object());
    Writer client = new Writer("kubectl-client-side-apply", "");
    manager.update(nothing, live, MissingNode.getInstance(), client, configMaps);
    return live;
  }

  private static KubeObject configMap(String data) {
    return TestingJson.object(
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: " + data + "}");
  }
}
