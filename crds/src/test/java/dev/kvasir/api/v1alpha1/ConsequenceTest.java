package dev.kvasir.api.v1alpha1;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConsequenceTest {

  @Test
  void everyLeafOfTheSpecSaysWhatItsChangeMeans() {
    List<String> silent = new ArrayList<>();
    collect("spec", InferenceDeploymentSpec.class, silent);
    assertEquals(List.of(), silent, "fields without @OnChange");
  }

  private static void collect(String path, Class<?> type, List<String> silent) {
    for (RecordComponent field : type.getRecordComponents()) {
      String here = path + "." + field.getName();
      if (field.getType().isRecord()) {
        collect(here, field.getType(), silent);
      } else if (!field.isAnnotationPresent(OnChange.class)) {
        silent.add(here);
      }
    }
  }
}
