package dev.kvasir.e2e.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Lists and watches: every change once, in order, and none lost over a disconnect. */
interface WatchConformance {
  @Test
  default void aWatchGoesOnWhereTheListEnded(Sandbox box) {
    box.api().post(box.core("configmaps"), Manifests.configMap("before", "{}")).expect(201);
    String list = listVersion(box);
    try (WatchStream watch = watch(box, "resourceVersion=" + list)) {
      box.api().post(box.core("configmaps"), Manifests.configMap("a", "{}")).expect(201);
      box.api()
          .patch(box.core("configmaps/a"), Api.MERGE, "{\"data\": {\"k\": \"1\"}}")
          .expect(200);
      box.api().delete(box.core("configmaps/a")).expect(200);
      JsonNode added = watch.expect("ADDED", "a");
      JsonNode modified = watch.expect("MODIFIED", "a");
      JsonNode deleted = watch.expect("DELETED", "a");
      assertEquals("1", modified.at("/data/k").asText());
      assertEquals("ConfigMap", added.at("/kind").asText());
      assertTrue(version(added) < version(modified) && version(modified) < version(deleted));
    }
  }

  @Test
  default void aWatchFromNowhereStartsWithWhatIsThere(Sandbox box) {
    box.api().post(box.core("configmaps"), Manifests.configMap("a", "{}")).expect(201);
    try (WatchStream watch = watch(box, "fieldSelector=metadata.name=a")) {
      watch.expect("ADDED", "a");
      box.api().delete(box.core("configmaps/a")).expect(200);
      watch.expect("DELETED", "a");
    }
  }

  @Test
  default void nothingIsLostOverADisconnect(Sandbox box) {
    box.api().post(box.core("configmaps"), Manifests.configMap("a", "{}")).expect(201);
    String seen;
    try (WatchStream watch = watch(box, "fieldSelector=metadata.name=a")) {
      seen = watch.expect("ADDED", "a").at("/metadata/resourceVersion").asText();
    }
    box.api().patch(box.core("configmaps/a"), Api.MERGE, "{\"data\": {\"k\": \"1\"}}").expect(200);
    box.api().patch(box.core("configmaps/a"), Api.MERGE, "{\"data\": {\"k\": \"2\"}}").expect(200);
    box.api().delete(box.core("configmaps/a")).expect(200);
    try (WatchStream watch = watch(box, "fieldSelector=metadata.name=a&resourceVersion=" + seen)) {
      assertEquals("1", watch.expect("MODIFIED", "a").at("/data/k").asText());
      assertEquals("2", watch.expect("MODIFIED", "a").at("/data/k").asText());
      watch.expect("DELETED", "a");
    }
  }

  @Test
  default void aWatchSeesAnObjectEnterAndLeaveItsSelection(Sandbox box) {
    try (WatchStream watch =
        watch(box, "labelSelector=color%20in%20(red,blue)&resourceVersion=" + listVersion(box))) {
      box.api().post(box.core("configmaps"), Manifests.configMap("a", "{}")).expect(201);
      paint(box, "\"red\"");
      watch.expect("ADDED", "a");
      paint(box, "\"blue\"");
      watch.expect("MODIFIED", "a");
      paint(box, "null");
      watch.expect("DELETED", "a");
      box.api().delete(box.core("configmaps/a")).expect(200);
      watch.expectNothing(Duration.ofMillis(500));
    }
  }

  @Test
  default void aWatchSendsABookmarkBeforeItEnds(Sandbox box) {
    String parameters =
        "allowWatchBookmarks=true&timeoutSeconds=4&resourceVersion=" + listVersion(box);
    try (WatchStream watch = watch(box, parameters)) {
      box.api().post(box.core("configmaps"), Manifests.configMap("a", "{}")).expect(201);
      long added = version(watch.awaitType("ADDED"));
      JsonNode bookmark = watch.awaitType("BOOKMARK");
      assertEquals("ConfigMap", bookmark.at("/kind").asText());
      assertTrue(version(bookmark) >= added, bookmark.toString());
      watch.expectEnd();
    }
  }

  @Test
  default void aWatchEndsAtItsTimeout(Sandbox box) {
    try (WatchStream watch = watch(box, "timeoutSeconds=1")) {
      watch.expectEnd();
    }
  }

  @Test
  default void aWatchOfCustomResourcesIsTheSame(Sandbox box) {
    try (WatchStream watch = box.api().watch(box.widgets("?watch=true"))) {
      box.api().post(box.widgets(""), Manifests.widget("w", "{\"size\": 1}")).expect(201);
      assertEquals("red", watch.expect("ADDED", "w").at("/spec/color").asText());
      box.api().patch(box.widgets("/w/status"), Api.MERGE, "{\"status\": {\"note\": \"n\"}}");
      assertEquals("n", watch.expect("MODIFIED", "w").at("/status/note").asText());
      box.api().delete(box.widgets("/w")).expect(200);
      watch.expect("DELETED", "w");
    }
  }

  @Test
  default void listsSelectByLabel(Sandbox box) {
    label(box, "a", "\"tier\": \"web\", \"old\": \"yes\"");
    label(box, "b", "\"tier\": \"web\"");
    label(box, "c", "\"tier\": \"db\"");
    assertEquals(Set.of("a", "b"), names(box, "labelSelector=tier=web"));
    assertEquals(Set.of("b"), names(box, "labelSelector=tier=web,!old"));
    assertEquals(Set.of("a", "b", "c"), names(box, "labelSelector=tier%20in%20(web,db)"));
    assertEquals(Set.of("c"), names(box, "labelSelector=tier,tier!=web"));
    assertEquals(Set.of("a"), names(box, "labelSelector=old"));
    box.api().get(box.core("configmaps?labelSelector=a==b==c")).expect(400);
  }

  @Test
  default void podsSelectByNodeAndPhase(Sandbox box) {
    box.api()
        .post(box.core("pods"), Manifests.pod("here", "\"nodeName\": \"conformance\","))
        .expect(201);
    box.api().post(box.core("pods"), Manifests.pod("nowhere", "")).expect(201);
    assertEquals("[\"here\"]", podNames(box, "spec.nodeName=conformance"));
    assertEquals("[\"nowhere\"]", podNames(box, "spec.nodeName="));
    assertEquals("[]", podNames(box, "status.phase=Running"));
    box.api()
        .get(box.core("pods?fieldSelector=spec.color=red"))
        .expect(400)
        .saying("field label not supported");
  }

  @Test
  default void aLongListComesInPages(Sandbox box) {
    var all = new HashSet<String>();
    for (int i = 0; i < 5; i++) {
      label(box, "page-" + i, "\"paged\": \"yes\"");
    }
    String more = "";
    int pages = 0;
    do {
      Reply page =
          box.api()
              .get(box.core("configmaps?labelSelector=paged&limit=2&continue=" + more))
              .expect(200);
      page.at("/items").forEach(item -> all.add(item.at("/metadata/name").asText()));
      more = page.text("/metadata/continue");
      pages++;
    } while (!more.isEmpty());
    assertEquals(3, pages);
    assertEquals(5, all.size());
  }

  @Test
  default void everyWriteRaisesTheVersion(Sandbox box) {
    long created =
        Long.parseLong(
            box.api()
                .post(box.core("configmaps"), Manifests.configMap("a", "{}"))
                .resourceVersion());
    long changed =
        Long.parseLong(
            box.api()
                .patch(box.core("configmaps/a"), Api.MERGE, "{\"data\": {\"k\": \"1\"}}")
                .resourceVersion());
    assertTrue(created < changed);
    assertNotEquals("", listVersion(box));
    assertTrue(Long.parseLong(listVersion(box)) >= changed);
  }

  private static WatchStream watch(Sandbox box, String parameters) {
    return box.api().watch(box.core("configmaps?watch=true&" + parameters));
  }

  private static String listVersion(Sandbox box) {
    return box.api().get(box.core("configmaps")).expect(200).resourceVersion();
  }

  private static long version(JsonNode object) {
    return object.at("/metadata/resourceVersion").asLong();
  }

  private static void paint(Sandbox box, String color) {
    box.api()
        .patch(
            box.core("configmaps/a"),
            Api.MERGE,
            "{\"metadata\": {\"labels\": {\"color\": " + color + "}}}")
        .expect(200);
  }

  private static void label(Sandbox box, String name, String labels) {
    box.api()
        .post(box.core("configmaps"), Manifests.configMapWith(name, "\"labels\": {" + labels + "}"))
        .expect(201);
  }

  private static Set<String> names(Sandbox box, String parameters) {
    var names = new HashSet<String>();
    Reply list = box.api().get(box.core("configmaps?" + parameters)).expect(200);
    list.at("/items").forEach(item -> names.add(item.at("/metadata/name").asText()));
    return names;
  }

  private static String podNames(Sandbox box, String fields) {
    String query = fields.replace("=", "%3D");
    Reply list = box.api().get(box.core("pods?fieldSelector=" + query)).expect(200);
    var names = new java.util.ArrayList<String>();
    list.at("/items").forEach(item -> names.add("\"" + item.at("/metadata/name").asText() + "\""));
    return names.toString();
  }
}
