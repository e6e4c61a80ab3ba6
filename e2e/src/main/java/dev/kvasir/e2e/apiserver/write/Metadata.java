package dev.kvasir.e2e.apiserver.write;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.e2e.apiserver.model.ApiException;
import dev.kvasir.e2e.apiserver.model.Json;
import dev.kvasir.e2e.apiserver.model.KubeObject;
import dev.kvasir.e2e.apiserver.model.ResourceType;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;

/** The metadata that the server owns: identity, times, generation. */
final class Metadata {
  private static final Pattern SUBDOMAIN =
      Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
  private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?");
  private static final Pattern SERVICE = Pattern.compile("[a-z]([-a-z0-9]*[a-z0-9])?");
  private static final Set<String> WITH_GENERATION =
      Set.of("apps", "policy", "networking.k8s.io", "apiextensions.k8s.io");
  private static final List<String> SYSTEM =
      List.of(
          "uid",
          "creationTimestamp",
          "deletionTimestamp",
          "deletionGracePeriodSeconds",
          "generation",
          "resourceVersion",
          "name",
          "namespace");
  private static final String SUFFIX_LETTERS = "bcdfghjklmnpqrstvwxz2456789";
  private static final int SUFFIX_LENGTH = 5;
  private static final int MAX_GENERATED = 63 - SUFFIX_LENGTH;

  private final Clock clock;
  private final SecureRandom random = new SecureRandom();

  Metadata(Clock clock) {
    this.clock = clock;
  }

  /** Names an object that is about to be made, and gives it its identity. */
  void identify(KubeObject object, ResourceType type) {
    ObjectNode metadata = object.metadata();
    String prefix = Json.text(metadata, "generateName");
    if (object.name().isEmpty() && !prefix.isEmpty()) {
      String cut = prefix.substring(0, Math.min(prefix.length(), MAX_GENERATED));
      metadata.put("name", cut + suffix());
    }
    checkName(object, type);
    metadata.remove(List.of("deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"));
    metadata.put("uid", UUID.randomUUID().toString());
    metadata.put("creationTimestamp", now());
    metadata.remove("resourceVersion");
    metadata.remove("generation");
    if (counted(type)) {
      metadata.put("generation", 1);
    }
  }

  String now() {
    return KubeObject.timestamp(clock.instant());
  }

  /** Carries over what no client may change. */
  void keep(KubeObject live, KubeObject after) {
    JsonNode before = live.json().path("metadata");
    for (String name : SYSTEM) {
      if (before.has(name)) {
        after.metadata().set(name, before.get(name));
      } else {
        after.metadata().remove(name);
      }
    }
  }

  /** Counts a change of what is wanted. */
  void count(KubeObject live, KubeObject after, ResourceType type) {
    if (counted(type) && !wanted(live, type).equals(wanted(after, type))) {
      // An int, as the parser would make it, so that equal objects compare equal.
      after.metadata().put("generation", Math.toIntExact(live.generation() + 1));
    }
  }

  private static ObjectNode wanted(KubeObject object, ResourceType type) {
    ObjectNode wanted = object.json().deepCopy();
    wanted.remove("metadata");
    if (type.hasStatus()) {
      wanted.remove("status");
    }
    return wanted;
  }

  private static boolean counted(ResourceType type) {
    return type.custom()
        || type.collection().equals("pods")
        || (WITH_GENERATION.contains(type.group()) && !type.kind().equals("ControllerRevision"));
  }

  private static void checkName(KubeObject object, ResourceType type) {
    List<ApiException.Cause> causes = new ArrayList<>();
    String name = object.name();
    Pattern pattern =
        switch (type.collection()) {
          case "namespaces" -> LABEL;
          case "services" -> SERVICE;
          default -> SUBDOMAIN;
        };
    int max = pattern == SUBDOMAIN ? 253 : 63;
    if (name.isEmpty()) {
      causes.add(ApiException.Cause.required("metadata.name", "name or generateName is required"));
    } else if (type.group().equals("rbac.authorization.k8s.io")) {
      return;
    } else if (!pattern.matcher(name).matches() || name.length() > max) {
      causes.add(ApiException.Cause.invalid("metadata.name", "\"" + name + "\"", explain(pattern)));
    }
    if (!causes.isEmpty()) {
      throw ApiException.invalid(type, name, causes);
    }
  }

  private static String explain(Pattern pattern) {
    if (pattern == SUBDOMAIN) {
      return "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters,"
          + " '-' or '.', and must start and end with an alphanumeric character (e.g."
          + " 'example.com', regex used for validation is"
          + " '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
    }
    if (pattern == LABEL) {
      return "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or"
          + " '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or"
          + " '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
    }
    return "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with"
        + " an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or"
        + " 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
  }

  private String suffix() {
    StringBuilder suffix = new StringBuilder();
    for (int i = 0; i < SUFFIX_LENGTH; i++) {
      suffix.append(SUFFIX_LETTERS.charAt(random.nextInt(SUFFIX_LETTERS.length())));
    }
    return suffix.toString();
  }
}
