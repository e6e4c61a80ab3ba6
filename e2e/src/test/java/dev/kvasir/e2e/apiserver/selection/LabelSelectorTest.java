package dev.kvasir.e2e.apiserver.selection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.kvasir.e2e.apiserver.TestingJson;
import dev.kvasir.e2e.apiserver.model.ApiException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LabelSelectorTest {
  private static final Map<String, String> LABELS =
      Map.of("app", "web", "tier", "front", "example.com/n", "5");

  @Test
  void everyOperator() {
    check("", true);
    check("app=web", true);
    check("app == web,tier!=back", true);
    check("app!=web", false);
    check("missing!=web", true);
    check("app in (api, web)", true);
    check("app notin (api, web),tier", false);
    check("missing notin (a)", true);
    check("tier,!missing", true);
    check("!tier", false);
    check("example.com/n>4,example.com/n<6", true);
    check("app=", false);
  }

  @Test
  void garbageIsRefused() {
    for (String text : new String[] {"a=b=c", "=a", "a in b", "a in (b", "a b", "(a)"}) {
      assertThrows(ApiException.class, () -> LabelSelector.parse(text), text);
    }
  }

  @Test
  void objectsSelectAsTextDoes() {
    String selector =
        "{matchLabels: {app: web}, matchExpressions: [{key: tier, operator: NotIn, values: [back]},"
            + " {key: missing, operator: DoesNotExist}, {key: app, operator: Exists}]}";
    assertEquals(true, LabelSelector.of(TestingJson.yaml(selector)).test(LABELS));
    String other = "{matchExpressions: [{key: tier, operator: In, values: [back]}]}";
    assertEquals(false, LabelSelector.of(TestingJson.yaml(other)).test(LABELS));
  }

  private static void check(String text, boolean expected) {
    assertEquals(expected, LabelSelector.parse(text).test(LABELS), text);
  }
}
