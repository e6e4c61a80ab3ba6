package dev.kvasir.e2e.node;

import io.fabric8.kubernetes.api.model.Pod;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The downward API: fields of a pod that its containers may be told. */
record FieldReferences(Pod pod, String podIp, String hostIp, String nodeName) {
  private static final Pattern KEYED = Pattern.compile("metadata\\.(labels|annotations)\\['(.+)']");

  String value(String path) throws ContainerConfigException {
    return switch (path) {
      case "metadata.name" -> pod.getMetadata().getName();
      case "metadata.namespace" -> pod.getMetadata().getNamespace();
      case "metadata.uid" -> pod.getMetadata().getUid();
      case "metadata.labels" -> lines(pod.getMetadata().getLabels());
      case "metadata.annotations" -> lines(pod.getMetadata().getAnnotations());
      case "spec.nodeName" -> nodeName;
      case "spec.serviceAccountName" -> pod.getSpec().getServiceAccountName();
      case "status.podIP", "status.podIPs" -> podIp;
      case "status.hostIP", "status.hostIPs" -> hostIp;
      default -> keyed(path);
    };
  }

  private String keyed(String path) throws ContainerConfigException {
    Matcher matcher = KEYED.matcher(path);
    if (!matcher.matches()) {
      throw new ContainerConfigException("field " + path + " can't be referred to");
    }
    boolean labels = matcher.group(1).equals("labels");
    Map<String, String> map =
        labels ? pod.getMetadata().getLabels() : pod.getMetadata().getAnnotations();
    return map == null ? "" : map.getOrDefault(matcher.group(2), "");
  }

  private static String lines(Map<String, String> map) {
    return map == null
        ? ""
        : map.entrySet().stream()
            .map(entry -> entry.getKey() + "=\"" + entry.getValue() + "\"")
            .sorted()
            .collect(Collectors.joining("\n"));
  }
}
