package dev.kvasir.runtime.device.cuda;

import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT;

import java.nio.charset.StandardCharsets;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/** One GPU and its primary context, current on the thread that opened it. */
public final class Gpu implements AutoCloseable {
  private final CUdevice device = new CUdevice();
  private final CUcontext context = new CUcontext();
  private final String name;

  private Gpu(int ordinal) {
    Calls.check(JCudaDriver.cuDeviceGet(device, ordinal), "opening GPU %d", ordinal);
    byte[] bytes = new byte[128];
    Calls.check(
        JCudaDriver.cuDeviceGetName(bytes, bytes.length, device), "asking GPU %d's name", ordinal);
    name = new String(bytes, StandardCharsets.UTF_8).trim();
    Calls.check(
        JCudaDriver.cuDevicePrimaryCtxRetain(context, device), "making a context on %s", name);
    makeCurrent();
  }

  /** Opens a GPU; throws {@link CudaException} where there is none or no driver for it. */
  public static Gpu open(int ordinal) {
    try {
      Calls.quietJcuda();
    } catch (LinkageError e) {
      throw new CudaException(
          CUresult.CUDA_ERROR_NO_DEVICE,
          "no NVIDIA driver was found (libcuda.so.1): install R580 or later on the host, and in a"
              + " container ask for nvidia.com/gpu (%s)".formatted(e.getMessage()));
    }
    Calls.check(JCudaDriver.cuInit(0), "starting CUDA");
    return new Gpu(ordinal);
  }

  /** Makes the context the calling thread's; a thread needs it before any other call. */
  public void makeCurrent() {
    Calls.check(JCudaDriver.cuCtxSetCurrent(context), "making %s current", name);
  }

  public String name() {
    return name;
  }

  public int multiprocessors() {
    return attribute(CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
  }

  public long cacheBytes() {
    return attribute(CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE);
  }

  /** 90 for a compute capability of 9.0. */
  public int computeCapability() {
    return 10 * attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)
        + attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
  }

  /** The CUDA version of the driver: 13000 for 13.0. */
  public int driverVersion() {
    int[] version = new int[1];
    Calls.check(JCudaDriver.cuDriverGetVersion(version), "asking the driver's version");
    return version[0];
  }

  /** Free and total bytes. */
  public long[] memory() {
    long[] free = new long[1];
    long[] total = new long[1];
    Calls.check(JCudaDriver.cuMemGetInfo(free, total), "asking %s's memory", name);
    return new long[] {free[0], total[0]};
  }

  private int attribute(int attribute) {
    int[] value = new int[1];
    Calls.check(
        JCudaDriver.cuDeviceGetAttribute(value, attribute, device),
        "asking attribute %d of %s",
        attribute,
        name);
    return value[0];
  }

  @Override
  public void close() {
    Calls.check(JCudaDriver.cuDevicePrimaryCtxRelease(device), "leaving %s", name);
  }
}
