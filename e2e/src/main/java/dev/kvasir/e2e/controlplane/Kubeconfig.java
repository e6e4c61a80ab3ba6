package dev.kvasir.e2e.controlplane;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;

/** A kubeconfig file with one cluster and one user, who has a token. */
record Kubeconfig(String url, byte[] certificates, String token) {
  void write(Path file) throws IOException {
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(file, yaml());
  }

  private String yaml() {
    return """
    apiVersion: v1
    kind: Config
    clusters:
    - name: kvasir
      cluster:
        server: %s
        certificate-authority-data: %s
    users:
    - name: admin
      user:
        token: %s
    contexts:
    - name: kvasir
      context:
        cluster: kvasir
        user: admin
        namespace: default
    current-context: kvasir
    """
        .formatted(url, Base64.getEncoder().encodeToString(certificates), token);
  }
}
