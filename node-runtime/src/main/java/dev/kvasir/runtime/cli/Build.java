package dev.kvasir.runtime.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** What was built, from which commit. */
final class Build implements IVersionProvider {
  private static final Properties PROPERTIES = read();

  private static Properties read() {
    Properties properties = new Properties();
    try (InputStream in = Build.class.getResourceAsStream("/kvasir-build.properties")) {
      properties.load(in);
      return properties;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String version() {
    return PROPERTIES.getProperty("version");
  }

  /** "unknown" where the build did not say. */
  static String commit() {
    return PROPERTIES.getProperty("commit");
  }

  @Override
  public String[] getVersion() {
    return new String[] {"node-runtime " + version() + " (" + commit() + ")"};
  }
}
