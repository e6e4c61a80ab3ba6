package dev.kvasir.e2e.node;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Secret;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Where secrets and config maps come from. */
interface ConfigData {
  Optional<Map<String, byte[]>> secret(String namespace, String name);

  Optional<Map<String, byte[]>> configMap(String namespace, String name);

  String serviceAccountToken(
      String namespace, String serviceAccount, String audience, long expirationSeconds);

  static Map<String, byte[]> decode(Secret secret) {
    return decode(secret.getData());
  }

  static Map<String, byte[]> decode(ConfigMap configMap) {
    var data = decode(configMap.getBinaryData());
    if (configMap.getData() != null) {
      configMap
          .getData()
          .forEach((key, text) -> data.put(key, text.getBytes(StandardCharsets.UTF_8)));
    }
    return data;
  }

  private static Map<String, byte[]> decode(Map<String, String> base64) {
    var data = new HashMap<String, byte[]>();
    if (base64 != null) {
      base64.forEach((key, text) -> data.put(key, Base64.getDecoder().decode(text)));
    }
    return data;
  }
}
