package dev.kvasir.runtime.engine;

import dev.kvasir.runtime.device.DeviceException;
import dev.kvasir.runtime.engine.RequestRejectedException.Reason;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * The engine's thread and what other threads see of it: they hand it work through a queue and read
 * its state from a snapshot. When there is nothing to do it checks the KV cache's books and sleeps.
 */
final class EngineLoop implements Engine {
  private static final System.Logger LOG = System.getLogger(EngineLoop.class.getName());
  private static final String SHUTTING_DOWN = "the server is shutting down";

  private final EngineLimits limits;
  private final Admission admission;
  private final StepExecutor executor;
  private final EngineCore core;
  private final WarmUp warmUp;

  /** Null where nobody wants to know. */
  private CapacityProbe probe;

  private final Queue<Runnable> commands = new ConcurrentLinkedQueue<>();

  /** Accepted requests that no step has touched yet: what max-waiting bounds. */
  private final AtomicInteger untouched = new AtomicInteger();

  private final Thread thread = new Thread(this::run, "kvasir-engine");
  private volatile boolean closing;
  private volatile boolean ended;
  private volatile String failure;
  private final LongSupplier nanoTime;
  private long stepsSeen;
  private volatile Snapshot snapshot;
  private volatile Optional<MeasuredCapacity> capacity = Optional.empty();

  /**
   * The state after a step.
   *
   * @param busySince when the last step ended or work arrived; 0 when idle
   */
  private record Snapshot(EngineStats stats, long busySince) {}

  EngineLoop(EngineLimits limits, StepExecutor executor, WarmUp warmUp) {
    this(limits, executor, warmUp, System::nanoTime);
  }

  EngineLoop(EngineLimits limits, StepExecutor executor, WarmUp warmUp, LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.limits = limits;
    this.admission = new Admission(limits);
    this.executor = executor;
    this.warmUp = warmUp;
    this.core = new EngineCore(limits, executor, untouched::decrementAndGet);
    snapshot = new Snapshot(core.stats(), 0);
    thread.start();
  }

  @Override
  public GenerationStream submit(GenerationRequest request) throws RequestRejectedException {
    admission.check(request);
    requireAvailable();
    if (untouched.incrementAndGet() > limits.maxWaiting()) {
      untouched.decrementAndGet();
      throw new RequestRejectedException(
          Reason.QUEUE_FULL,
          "%d requests are waiting, which is the most this server queues"
              .formatted(limits.maxWaiting()));
    }
    ActiveRequest active = new ActiveRequest(request, limits.vocabularySize(), System.nanoTime());
    active.stream().onCancel(() -> command(() -> core.cancel(active)));
    command(() -> core.accept(active));
    if (ended) {
      // The loop may have ended without seeing the command.
      active.stream().finish(FinishReason.ABORT, SHUTTING_DOWN);
    }
    return active.stream();
  }

  private void requireAvailable() throws RequestRejectedException {
    if (failure != null) {
      throw new RequestRejectedException(Reason.UNAVAILABLE, "the engine has stopped: " + failure);
    }
    if (closing) {
      throw new RequestRejectedException(Reason.UNAVAILABLE, SHUTTING_DOWN);
    }
  }

  private void command(Runnable command) {
    commands.add(command);
    LockSupport.unpark(thread);
  }

  @Override
  public EngineLimits limits() {
    return limits;
  }

  @Override
  public EngineStats stats() {
    Snapshot now = snapshot;
    double age = now.busySince() == 0 ? 0 : (nanoTime.getAsLong() - now.busySince()) / 1e9;
    return now.stats().at(age, failure);
  }

  @Override
  public void addListener(EngineListener listener) {
    core.addListener(listener);
  }

  @Override
  public void measureCapacity() {
    command(() -> probe = new CapacityProbe(limits, executor, nanoTime));
  }

  @Override
  public Optional<MeasuredCapacity> capacity() {
    return capacity;
  }

  @Override
  public void close() {
    closing = true;
    LockSupport.unpark(thread);
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      while (!closing && failure == null) {
        runCommands();
        if (core.hasWork()) {
          core.step();
          failure = core.failure();
        } else if (!warmUp.isDone()) {
          warmUp.step();
        } else if (probe != null && probe.restNanos() <= 0) {
          measure();
        } else {
          core.checkIntegrity();
          rest();
        }
      }
    } catch (RuntimeException | Error e) {
      LOG.log(System.Logger.Level.ERROR, "the engine has stopped", e);
      failure = "its thread died: " + e;
    } finally {
      end();
    }
  }

  private void rest() {
    if (probe == null) {
      LockSupport.park(this);
    } else {
      LockSupport.parkNanos(this, probe.restNanos());
    }
  }

  private void measure() {
    probe.step();
    if (probe.isDone()) {
      capacity = probe.result();
      probe = null;
      capacity.ifPresent(found -> LOG.log(System.Logger.Level.INFO, found.inWords()));
    }
  }

  private void runCommands() {
    boolean any = false;
    for (Runnable next = commands.poll(); next != null; next = commands.poll()) {
      next.run();
      any = true;
    }
    if (any || core.hasWork() || snapshot.busySince() != 0) {
      publishState();
    }
  }

  private void publishState() {
    EngineStats stats = core.stats();
    long stepsNow = stats.steps() + stats.failedSteps();
    long since = snapshot.busySince();
    if (since == 0 || stepsNow != stepsSeen) {
      stepsSeen = stepsNow;
      // 0 stands for idle.
      since = Math.max(1, nanoTime.getAsLong());
    }
    snapshot = new Snapshot(stats, core.hasWork() ? since : 0);
  }

  private void end() {
    ended = true;
    if (failure != null) {
      core.tellFailed(failure);
    }
    runCommands();
    if (failure == null) {
      core.endAll(FinishReason.ABORT, SHUTTING_DOWN);
    } else {
      core.endAll(FinishReason.ERROR, failure);
    }
    publishState();
    closeDevice();
  }

  private void closeDevice() {
    try {
      executor.close();
    } catch (DeviceException e) {
      if (failure == null) {
        throw e;
      }
      LOG.log(System.Logger.Level.DEBUG, "a device that is lost can't be closed", e);
    }
  }
}
