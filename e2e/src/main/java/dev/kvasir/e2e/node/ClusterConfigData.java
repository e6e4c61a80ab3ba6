package dev.kvasir.e2e.node;

import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Map;
import java.util.Optional;

/** Secrets and config maps as the API server has them at the moment. */
record ClusterConfigData(KubernetesClient client) implements ConfigData {
  @Override
  public Optional<Map<String, byte[]>> secret(String namespace, String name) {
    return Optional.ofNullable(client.secrets().inNamespace(namespace).withName(name).get())
        .map(ConfigData::decode);
  }

  @Override
  public Optional<Map<String, byte[]>> configMap(String namespace, String name) {
    return Optional.ofNullable(client.configMaps().inNamespace(namespace).withName(name).get())
        .map(ConfigData::decode);
  }

  @Override
  public String serviceAccountToken(
      String namespace, String account, String audience, long expirationSeconds) {
    var request =
        new TokenRequestBuilder()
            .withNewSpec()
            .withExpirationSeconds(expirationSeconds)
            .endSpec()
            .build();
    if (audience != null) {
      request.getSpec().getAudiences().add(audience);
    }
    TokenRequest granted =
        client.serviceAccounts().inNamespace(namespace).withName(account).tokenRequest(request);
    return granted.getStatus().getToken();
  }
}
