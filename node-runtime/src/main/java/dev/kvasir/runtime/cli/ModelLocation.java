package dev.kvasir.runtime.cli;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.TypeConversionException;

/**
 * Where {@code --model} points.
 *
 * @param directory a checkpoint in Hugging Face layout
 * @param name what the API calls it unless --served-model-name says otherwise
 * @param weightless whether there is a configuration only, to be run with random weights
 */
record ModelLocation(Path directory, String name, boolean weightless) {
  private static final String SUPPORTED =
      "supported are a directory, file:///DIRECTORY, bundled://NAME and shape://NAME";

  static ModelLocation parse(String model) {
    int scheme = model.indexOf("://");
    if (scheme < 0) {
      return directory(Path.of(model));
    }
    return switch (model.substring(0, scheme)) {
      case "file" -> directory(file(model));
      case "bundled" -> bundled(model.substring(scheme + 3));
      case "shape" -> shape(model.substring(scheme + 3));
      default ->
          throw new TypeConversionException(
              "'"
                  + model
                  + "': models from "
                  + model.substring(0, scheme)
                  + ":// are not supported yet; "
                  + SUPPORTED);
    };
  }

  private static Path file(String uri) {
    try {
      URI parsed = new URI(uri);
      if (parsed.getPath() != null && parsed.getRawAuthority() == null) {
        return Path.of(parsed.getPath());
      }
    } catch (URISyntaxException e) {
      throw new TypeConversionException("'" + uri + "' is no URI: " + e.getReason());
    }
    throw new TypeConversionException("'" + uri + "' needs three slashes: file:///DIRECTORY");
  }

  private static ModelLocation directory(Path directory) {
    if (!Files.isDirectory(directory)) {
      throw new TypeConversionException("'" + directory + "' is no directory");
    }
    Path absolute = directory.toAbsolutePath().normalize();
    return new ModelLocation(absolute, String.valueOf(absolute.getFileName()), false);
  }

  private static ModelLocation bundled(String name) {
    Path models = Path.of(System.getProperty("kvasir.home", ".")).resolve("models");
    Path directory = models.resolve(name);
    if (!name.matches("[A-Za-z0-9._-]+") || !Files.isDirectory(directory)) {
      throw new TypeConversionException("'bundled://" + name + "': no such model in " + models);
    }
    return new ModelLocation(directory, name, false);
  }

  private static ModelLocation shape(String name) {
    return new ModelLocation(ModelShape.write(name), name, true);
  }
}
