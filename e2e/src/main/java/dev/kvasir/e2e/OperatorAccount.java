package dev.kvasir.e2e;

import io.fabric8.kubernetes.api.model.AuthInfoBuilder;
import io.fabric8.kubernetes.api.model.Config;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Set;

/**
 * The operator's own identity: the service account and the role that the chart installs, so that a
 * right it lacks is missed here and not in somebody's cluster.
 */
record OperatorAccount(KubernetesClient client, Path checkout) {
  private static final String NAMESPACE = "kvasir-system";
  private static final String NAME = "kvasir-operator";
  private static final Duration TOKEN_LIFE = Duration.ofDays(7);
  private static final Set<String> KINDS =
      Set.of(
          "Namespace",
          "ServiceAccount",
          "ClusterRole",
          "ClusterRoleBinding",
          "Role",
          "RoleBinding");

  /** Writes a kubeconfig like the administrator's with a token of the service account. */
  void write(Path administrator, Path target) throws IOException {
    install();
    Config config = Serialization.unmarshal(Files.readString(administrator), Config.class);
    String token = token();
    config.getUsers().forEach(user -> user.setUser(new AuthInfoBuilder().withToken(token).build()));
    Files.writeString(target, Serialization.asYaml(config));
    Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rw-------"));
  }

  private void install() throws IOException {
    try (InputStream yaml = Files.newInputStream(checkout.resolve("manifests/install.yaml"))) {
      for (HasMetadata item : client.load(yaml).items()) {
        if (KINDS.contains(item.getKind())) {
          var _ = client.resource(item).forceConflicts().serverSideApply();
        }
      }
    }
  }

  private String token() {
    TokenRequest wanted =
        new TokenRequestBuilder()
            .withNewSpec()
            .withExpirationSeconds(TOKEN_LIFE.toSeconds())
            .endSpec()
            .build();
    return client
        .serviceAccounts()
        .inNamespace(NAMESPACE)
        .withName(NAME)
        .tokenRequest(wanted)
        .getStatus()
        .getToken();
  }
}
