package dev.kvasir.e2e.simulation;

import dev.kvasir.operator.scaling.ScalingPolicy;
import dev.kvasir.operator.telemetry.RecordedRound;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * An autoscaler with its settings.
 *
 * @param scaler the name that the peers and ours go by
 * @param setting what a user of it would have to choose
 */
record Contestant(String scaler, String setting, Supplier<Autoscaler> make) {
  private static final double[] CONCURRENCIES = {5, 10, 15, 20, 30, 40, 60, 80, 100, 150, 200};

  String name() {
    return setting.isEmpty() ? scaler : scaler + ", " + setting;
  }

  /** Ours, which measures what a replica can do, here with an error of half as much again. */
  static Contestant ours(ReplicaModel model, int min, int max) {
    return recorded(model, min, max, round -> {});
  }

  /** The same; the recorder hears of each look. */
  static Contestant recorded(
      ReplicaModel model, int min, int max, Consumer<RecordedRound> recorder) {
    return new Contestant(
        "Kvasir", "", () -> new Kvasir(ScalingPolicy.between(min, max), model, 1.5, recorder));
  }

  /** All, the peers with their defaults. */
  static List<Contestant> withDefaults(ReplicaModel model, int min, int max) {
    return List.of(
        ours(model, min, max),
        kubeAi(100, min, max),
        hpa(100, min, max),
        keda(5, min, max),
        knative(70, min, max));
  }

  /** The peers with every target that a patient user might try. */
  static List<Contestant> tuned(int min, int max) {
    return DoubleStream.of(CONCURRENCIES)
        .boxed()
        .flatMap(target ->
            Stream.of(
                kubeAi(target, min, max),
                hpa(target, min, max),
                keda(target, min, max),
                knative(target, min, max)))
        .toList();
  }

  private static Contestant kubeAi(double target, int min, int max) {
    return new Contestant(
        "KubeAI", "target %.0f".formatted(target), () -> new KubeAi(target, min, max));
  }

  private static Contestant hpa(double target, int min, int max) {
    return new Contestant(
        "HPA on requests a pod",
        "target %.0f".formatted(target),
        () -> new HorizontalPodAutoscaler(15, target, min, max, SimulatedReplica::requests));
  }

  private static Contestant keda(double target, int min, int max) {
    return new Contestant(
        "KEDA on waiting",
        "target %.0f".formatted(target),
        () -> new HorizontalPodAutoscaler(30, target, min, max, SimulatedReplica::waiting));
  }

  private static Contestant knative(double target, int min, int max) {
    return new Contestant(
        "Knative", "target %.0f".formatted(target), () -> new Knative(target, min, max));
  }
}
