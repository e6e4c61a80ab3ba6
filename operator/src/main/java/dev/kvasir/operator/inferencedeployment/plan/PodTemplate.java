package dev.kvasir.operator.inferencedeployment.plan;

import dev.kvasir.api.v1alpha1.ApiKeysSecretRef;
import dev.kvasir.api.v1alpha1.EnvVarSpec;
import dev.kvasir.api.v1alpha1.InferenceDeploymentSpec;
import dev.kvasir.api.v1alpha1.ResourcesSpec;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.ProbeBuilder;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.SecurityContextBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import java.util.ArrayList;
import java.util.List;

/** Renders the pod of a spec. */
final class PodTemplate {
  /** Between the last moment of a drain and the kill. */
  private static final long GRACE_AFTER_DRAIN_SECONDS = 30;

  /** A large model may take long to load; one that hangs longer than this is restarted. */
  static final int STARTUP_SECONDS = 1800;

  private static final String API_KEYS = "api-keys";
  private static final String TEMPORARY = "tmp";
  private static final int READ_ONLY_FOR_ALL = 0444;

  private PodTemplate() {}

  static PodTemplateSpec render(
      String resourceName, InferenceDeploymentSpec spec, String hash, Platform platform) {
    GpuParts gpu = new GpuParts(spec.accelerator());
    return new PodTemplateSpecBuilder()
        .withNewMetadata()
        .withLabels(Names.labels(resourceName))
        .addToLabels(Names.REVISION, hash)
        .addToLabels(Names.SERVING, "true")
        .endMetadata()
        .withNewSpec()
        .withContainers(container(resourceName, spec, gpu, platform))
        .withVolumes(volumes(spec.access().apiKeysSecretRef()))
        .addAllToVolumes(gpu.volumes())
        .withRuntimeClassName(spec.accelerator().runtimeClassName())
        .withNodeSelector(spec.accelerator().nodeSelector())
        .withTolerations(gpu.tolerations())
        .withAutomountServiceAccountToken(false)
        .withEnableServiceLinks(false)
        .withTerminationGracePeriodSeconds(
            SpecDuration.seconds(spec.rollout().drain().maxDuration()) + GRACE_AFTER_DRAIN_SECONDS)
        .withNewSecurityContext()
        .withRunAsNonRoot(true)
        .withNewSeccompProfile()
        .withType("RuntimeDefault")
        .endSeccompProfile()
        .endSecurityContext()
        .endSpec()
        .build();
  }

  private static Container container(
      String resourceName, InferenceDeploymentSpec spec, GpuParts gpu, Platform platform) {
    String image = spec.runtime().image();
    return new ContainerBuilder()
        .withName(Names.CONTAINER)
        .withImage(image == null ? platform.runtimeImage() : image)
        .withArgs(RuntimeArguments.of(resourceName, spec))
        .withEnv(environment(gpu, spec.runtime().env()))
        .addNewPort()
        .withName(Names.HTTP_PORT_NAME)
        .withContainerPort(Names.HTTP_PORT)
        .withProtocol("TCP")
        .endPort()
        .addNewPort()
        .withName(Names.ADMIN_PORT_NAME)
        .withContainerPort(Names.ADMIN_PORT)
        .withProtocol("TCP")
        .endPort()
        .withStartupProbe(probe("/health/startup", 1, STARTUP_SECONDS))
        .withReadinessProbe(probe("/health/ready", 1, 3))
        .withLivenessProbe(probe("/health/live", 10, 6))
        .withResources(resources(gpu, spec.runtime().resources()))
        .withSecurityContext(securityContext())
        .withTerminationMessagePolicy("FallbackToLogsOnError")
        .withVolumeMounts(mounts(spec.access().apiKeysSecretRef()))
        .addAllToVolumeMounts(gpu.mounts())
        .build();
  }

  private static List<EnvVar> environment(GpuParts gpu, List<EnvVarSpec> variables) {
    List<EnvVar> all = new ArrayList<>();
    all.add(
        new EnvVarBuilder()
            .withName(RuntimeArguments.POD_IP)
            .withNewValueFrom()
            .withNewFieldRef()
            .withApiVersion("v1")
            .withFieldPath("status.podIP")
            .endFieldRef()
            .endValueFrom()
            .build());
    gpu.environment().stream()
        .filter(ours -> variables.stream().noneMatch(v -> v.name().equals(ours.getName())))
        .forEach(all::add);
    for (EnvVarSpec variable : variables) {
      all.add(new EnvVar(variable.name(), variable.value(), variable.valueFrom()));
    }
    return all;
  }

  private static Probe probe(String path, int periodSeconds, int failureThreshold) {
    return new ProbeBuilder()
        .withNewHttpGet()
        .withPath(path)
        .withNewPort(Names.HTTP_PORT_NAME)
        .withScheme("HTTP")
        .endHttpGet()
        .withPeriodSeconds(periodSeconds)
        .withTimeoutSeconds(Math.min(5, 2 * periodSeconds))
        .withFailureThreshold(failureThreshold)
        .build();
  }

  private static ResourceRequirements resources(GpuParts gpu, ResourcesSpec resources) {
    return new ResourceRequirements(
        null, gpu.with(resources.limits()), gpu.with(resources.requests()));
  }

  private static SecurityContext securityContext() {
    return new SecurityContextBuilder()
        .withAllowPrivilegeEscalation(false)
        .withReadOnlyRootFilesystem(true)
        .withNewCapabilities()
        .withDrop("ALL")
        .endCapabilities()
        .build();
  }

  private static List<Volume> volumes(ApiKeysSecretRef keys) {
    List<Volume> volumes = new ArrayList<>();
    volumes.add(new VolumeBuilder().withName(TEMPORARY).withNewEmptyDir().endEmptyDir().build());
    if (keys != null) {
      volumes.add(
          new VolumeBuilder()
              .withName(API_KEYS)
              .withNewSecret()
              .withSecretName(keys.name())
              .withDefaultMode(READ_ONLY_FOR_ALL)
              .addNewItem()
              .withKey(keys.key())
              .withPath(keys.key())
              .endItem()
              .endSecret()
              .build());
    }
    return volumes;
  }

  private static List<VolumeMount> mounts(ApiKeysSecretRef keys) {
    List<VolumeMount> mounts = new ArrayList<>();
    mounts.add(new VolumeMountBuilder().withName(TEMPORARY).withMountPath("/tmp").build());
    if (keys != null) {
      mounts.add(
          new VolumeMountBuilder()
              .withName(API_KEYS)
              .withMountPath(RuntimeArguments.API_KEYS_DIRECTORY)
              .withReadOnly(true)
              .build());
    }
    return mounts;
  }
}
