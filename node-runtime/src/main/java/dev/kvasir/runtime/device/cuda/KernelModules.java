package dev.kvasir.runtime.device.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/** The kernels of this build, loaded when they are first asked for. */
final class KernelModules {
  /** Where the build puts the kernels. */
  static final String FOLDER = "/dev/kvasir/runtime/device/cuda/kernels/";

  static final String SUFFIX = ".fatbin";

  private final Gpu gpu;
  private final Map<String, CUmodule> modules = new HashMap<>();

  KernelModules(Gpu gpu) {
    this.gpu = gpu;
  }

  /** Whether this build has kernels at all: it was made with nvcc. */
  static boolean built() {
    return KernelModules.class.getResource(FOLDER + "add_rms_norm" + SUFFIX) != null;
  }

  /**
   * Why a driver can't run this build's kernels.
   *
   * @param driver its CUDA version: 13000 for 13.0
   */
  static Optional<String> objection(int driver) {
    return built() ? objection(driver, builtFor()) : Optional.of("this build has no GPU kernels");
  }

  static Optional<String> objection(int driver, String builtFor) {
    String[] parts = builtFor.strip().split("\\.", -1);
    int needed = 1000 * Integer.parseInt(parts[0]) + 10 * Integer.parseInt(parts[1]);
    // Within one major version machine code runs on older drivers too.
    return driver >= needed / 1000 * 1000
        ? Optional.empty()
        : Optional.of(
            "the driver is for CUDA %s, the kernels of this build need CUDA %d.0 or later: update the driver (R580 for CUDA 13)"
                .formatted(inWords(driver), needed / 1000));
  }

  static String inWords(int version) {
    return version / 1000 + "." + version % 1000 / 10;
  }

  private static String builtFor() {
    byte[] version = read("version");
    return version == null ? "13.0" : new String(version, StandardCharsets.US_ASCII);
  }

  Kernel kernel(KernelSignature signature) {
    return new Kernel(module(signature.file()), signature.entry(), signature, overlap());
  }

  Kernel kernel(KernelSignature signature, String variant) {
    return new Kernel(module(signature.file()), signature.variant(variant), signature, overlap());
  }

  private boolean overlap() {
    return gpu.computeCapability() >= 90;
  }

  private CUmodule module(String file) {
    return modules.computeIfAbsent(file, this::load);
  }

  private CUmodule load(String file) {
    byte[] image = image(file);
    CUmodule module = new CUmodule();
    Calls.check(
        JCudaDriver.cuModuleLoadData(module, image),
        "loading %s (%d bytes) on %s of compute capability %d",
        file,
        image.length,
        gpu.name(),
        gpu.computeCapability());
    return module;
  }

  /** All targets of the build; the driver takes this GPU's, or compiles PTX for it. */
  private static byte[] image(String file) {
    byte[] image = read(file + SUFFIX);
    if (image == null) {
      throw new CudaException(
          CUresult.CUDA_ERROR_NO_BINARY_FOR_GPU,
          "this build has no GPU kernels (%s): build it where nvcc or Python is found"
              .formatted(file));
    }
    return image;
  }

  private static byte[] read(String name) {
    try (InputStream in = KernelModules.class.getResourceAsStream(FOLDER + name)) {
      return in == null ? null : in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("reading " + FOLDER + name, e);
    }
  }
}
