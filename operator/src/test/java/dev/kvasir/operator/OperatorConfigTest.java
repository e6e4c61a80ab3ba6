package dev.kvasir.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kvasir.operator.gateway.GatewayConfig;
import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class OperatorConfigTest {

  @Test
  void hasDefaults() {
    OperatorConfig config = read(Map.of("KVASIR_RUNTIME_IMAGE", "image"));
    assertEquals("image", config.runtime().image());
    assertEquals(Role.OPERATOR, config.role());
    assertEquals(Optional.empty(), config.namespaces());
    assertEquals(Optional.empty(), config.operatorNamespace());
    assertFalse(config.leaderElection().enabled());
    assertEquals("kvasir-operator", config.leaderElection().leaseName());
    assertEquals(Duration.ofSeconds(15), config.leaderElection().leaseDuration());
    assertEquals(Duration.ofSeconds(10), config.leaderElection().renewDeadline());
    assertEquals(Duration.ofSeconds(2), config.leaderElection().retryPeriod());
  }

  @Test
  void readsTheEnvironment() {
    OperatorConfig config =
        read(
            Map.of(
                "KVASIR_RUNTIME_IMAGE", "image",
                "KVASIR_NAMESPACES", "a,b",
                "KVASIR_OPERATOR_NAMESPACE", "kvasir-system",
                "KVASIR_LEADER_ELECTION_ENABLED", "true",
                "KVASIR_LEADER_ELECTION_LEASE_NAME", "lease",
                "KVASIR_LEADER_ELECTION_LEASE_DURATION", "30s",
                "KVASIR_LEADER_ELECTION_RENEW_DEADLINE", "20s",
                "KVASIR_LEADER_ELECTION_RETRY_PERIOD", "3s"));
    assertEquals(Optional.of(List.of("a", "b")), config.namespaces());
    assertEquals(Optional.of("kvasir-system"), config.operatorNamespace());
    assertTrue(config.leaderElection().enabled());
    assertEquals("lease", config.leaderElection().leaseName());
    assertEquals(Duration.ofSeconds(30), config.leaderElection().leaseDuration());
    assertEquals(Duration.ofSeconds(20), config.leaderElection().renewDeadline());
    assertEquals(Duration.ofSeconds(3), config.leaderElection().retryPeriod());
  }

  @Test
  void everySettingIsInTheReadme() throws IOException {
    String readme = Files.readString(Path.of("README.md"));
    Stream.concat(
            variables("KVASIR", OperatorConfig.class),
            variables("KVASIR_GATEWAY", GatewayConfig.class))
        .forEach(name -> assertTrue(readme.contains("`" + name + "`"), name));
  }

  private static Stream<String> variables(String prefix, Class<?> type) {
    return Stream.of(type.getDeclaredMethods())
        .flatMap(method -> {
          String name = prefix + "_" + upper(method);
          return method.getReturnType().isInterface()
                  && method.getReturnType().getEnclosingClass() == OperatorConfig.class
              ? variables(name, method.getReturnType())
              : Stream.of(name);
        });
  }

  private static String upper(Method method) {
    return method.getName().replaceAll("([A-Z])", "_$1").toUpperCase(Locale.ROOT);
  }

  private static OperatorConfig read(Map<String, String> environment) {
    return new SmallRyeConfigBuilder()
        .withMapping(OperatorConfig.class)
        .withConverter(Duration.class, 300, new DurationConverter())
        .withSources(new EnvConfigSource(environment, 300))
        .build()
        .getConfigMapping(OperatorConfig.class);
  }
}
