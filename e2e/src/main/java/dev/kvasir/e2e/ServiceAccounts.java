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
 * The programs' own identities: the service accounts and the roles that the chart installs, so that
 * a right they lack is missed here and not in somebody's cluster.
 */
record ServiceAccounts(KubernetesClient client, Path checkout) {
  private static final String NAMESPACE = "kvasir-system";
  private static final Duration TOKEN_LIFE = Duration.ofDays(7);
  private static final Set<String> KINDS =
      Set.of(
          "Namespace",
          "ServiceAccount",
          "ClusterRole",
          "ClusterRoleBinding",
          "Role",
          "RoleBinding");

  /** Writes a kubeconfig like the administrator's with a token of a service account. */
  void write(String account, Path administrator, Path target) throws IOException {
    Config config = Serialization.unmarshal(Files.readString(administrator), Config.class);
    String token = token(account);
    config.getUsers().forEach(user -> user.setUser(new AuthInfoBuilder().withToken(token).build()));
    Files.writeString(target, Serialization.asYaml(config));
    Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rw-------"));
  }

  /** Makes what the chart makes, but for what runs. */
  void install() throws IOException {
    try (InputStream yaml = Files.newInputStream(checkout.resolve("manifests/install.yaml"))) {
      for (HasMetadata item : client.load(yaml).items()) {
        if (KINDS.contains(item.getKind())) {
          var _ = client.resource(item).forceConflicts().serverSideApply();
        }
      }
    }
  }

  private String token(String account) {
    TokenRequest wanted =
        new TokenRequestBuilder()
            .withNewSpec()
            .withExpirationSeconds(TOKEN_LIFE.toSeconds())
            .endSpec()
            .build();
    return client
        .serviceAccounts()
        .inNamespace(NAMESPACE)
        .withName(account)
        .tokenRequest(wanted)
        .getStatus()
        .getToken();
  }
}
