package dev.kvasir.e2e.apiserver;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** The file that tells kubectl where the cluster is and who asks. */
final class Kubeconfig {
  private Kubeconfig() {}

  /** Writes it so that only its owner can read it: it holds the token. */
  static Path write(Path directory, String server, String token, String authority)
      throws IOException {
    Files.createDirectories(directory);
    Path file = directory.resolve("kubeconfig");
    Files.deleteIfExists(file);
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    return Files.writeString(
        file,
        """
        apiVersion: v1
        kind: Config
        current-context: kvasir
        contexts:
        - name: kvasir
          context:
            cluster: kvasir
            user: admin
            namespace: default
        clusters:
        - name: kvasir
          cluster:
            server: %s
            certificate-authority-data: %s
        users:
        - name: admin
          user:
            token: %s
        """
            .formatted(server, authority, token));
  }
}
