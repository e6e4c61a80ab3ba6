package dev.kvasir.operator.inferencedeployment.plan;

import dev.kvasir.api.v1alpha1.AcceleratorSpec;
import io.fabric8.kubernetes.api.model.EmptyDirVolumeSource;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TolerationBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a pod has because it asks for a GPU; nothing where it asks for none. */
record GpuParts(AcceleratorSpec accelerator) {
  /**
   * Which of the driver's libraries the container toolkit mounts. Without this an image that says
   * nothing gets no more than nvidia-smi.
   */
  private static final EnvVar DRIVER_CAPABILITIES =
      new EnvVar("NVIDIA_DRIVER_CAPABILITIES", "compute,utility", null);

  /** A container's own /dev/shm has 64 MB. What lies there counts as the container's memory. */
  private static final Quantity SHARED_MEMORY = new Quantity("1Gi");

  private static final String VOLUME = "shm";

  boolean arePresent() {
    return accelerator.count() > 0;
  }

  /** The quantities with the GPUs added. Extended resources have equal requests and limits. */
  Map<String, Quantity> with(Map<String, Quantity> quantities) {
    Map<String, Quantity> all = new TreeMap<>(quantities);
    if (arePresent()) {
      all.put(accelerator.effectiveResource(), new Quantity(accelerator.count().toString()));
    }
    return all;
  }

  /** The user's, and as the API server's own plugin for extended resources would add. */
  List<Toleration> tolerations() {
    List<Toleration> all = new ArrayList<>(accelerator.tolerations());
    if (arePresent()) {
      all.add(
          new TolerationBuilder()
              .withKey(accelerator.effectiveResource())
              .withOperator("Exists")
              .withEffect("NoSchedule")
              .build());
    }
    return all;
  }

  List<EnvVar> environment() {
    return arePresent() ? List.of(DRIVER_CAPABILITIES) : List.of();
  }

  List<Volume> volumes() {
    return arePresent()
        ? List.of(
            new VolumeBuilder()
                .withName(VOLUME)
                .withEmptyDir(new EmptyDirVolumeSource("Memory", SHARED_MEMORY))
                .build())
        : List.of();
  }

  List<VolumeMount> mounts() {
    return arePresent()
        ? List.of(new VolumeMountBuilder().withName(VOLUME).withMountPath("/dev/shm").build())
        : List.of();
  }
}
