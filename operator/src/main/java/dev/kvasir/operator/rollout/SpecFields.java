package dev.kvasir.operator.rollout;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.kvasir.api.v1alpha1.Consequence;
import dev.kvasir.api.v1alpha1.InferenceDeploymentSpec;
import dev.kvasir.api.v1alpha1.OnChange;
import io.fabric8.kubernetes.api.model.Quantity;
import java.lang.reflect.RecordComponent;
import java.util.Map;
import java.util.TreeMap;

/** A spec as a flat list of its fields: path, value, and what a change of it means. */
final class SpecFields {
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS).build();

  /** One leaf that is set. */
  record Leaf(JsonNode value, Consequence consequence) {}

  private SpecFields() {}

  static Map<String, Leaf> of(InferenceDeploymentSpec spec) {
    Map<String, Leaf> leaves = new TreeMap<>();
    collect("spec", spec, leaves);
    return leaves;
  }

  private static void collect(String path, Record parent, Map<String, Leaf> leaves) {
    for (RecordComponent field : parent.getClass().getRecordComponents()) {
      String here = path + "." + field.getName();
      Object value = value(parent, field);
      if (value instanceof Record child) {
        collect(here, child, leaves);
      } else if (value != null) {
        add(here, value, field.getAnnotation(OnChange.class).value(), leaves);
      }
    }
  }

  private static void add(
      String path, Object value, Consequence consequence, Map<String, Leaf> leaves) {
    JsonNode json = JSON.valueToTree(normal(value));
    if (!json.isContainerNode() || !json.isEmpty()) {
      leaves.put(path, new Leaf(json, consequence));
    }
  }

  /** 1Gi and 1024Mi are the same amount. */
  private static Object normal(Object value) {
    return switch (value) {
      case Quantity quantity -> amount(quantity);
      case Map<?, ?> map
          when !map.isEmpty() && map.values().iterator().next() instanceof Quantity ->
          amounts(map);
      default -> value;
    };
  }

  private static Map<String, String> amounts(Map<?, ?> quantities) {
    Map<String, String> amounts = new TreeMap<>();
    quantities.forEach((name, value) -> amounts.put((String) name, amount((Quantity) value)));
    return amounts;
  }

  private static String amount(Quantity quantity) {
    return quantity.getNumericalAmount().stripTrailingZeros().toPlainString();
  }

  private static Object value(Record parent, RecordComponent field) {
    try {
      return field.getAccessor().invoke(parent);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("can't read " + field, e);
    }
  }
}
