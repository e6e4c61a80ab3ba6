package dev.kvasir.runtime.model;

import dev.kvasir.runtime.device.HostWeight;
import dev.kvasir.runtime.device.Linear;
import java.lang.foreign.SegmentAllocator;

/** How a checkpoint stores the weight of a linear layer, and how that becomes its logical form. */
sealed interface StoredForm
    permits AwqForm, Float8Form, GptqForm, PackedIntForm, PlainForm, PlainIntForm {

  /** Whether a layer's tensors are there in this form: some that a config names are left plain. */
  boolean isIn(Tensors tensors, String layer);

  /** The weight and, where its columns were reordered, the order; the bias is not read here. */
  Linear read(Tensors tensors, String layer, int rows, int columns, SegmentAllocator scratch);

  /** A weight of zeros in the logical form that this becomes. */
  HostWeight allocate(String layer, int rows, int columns, SegmentAllocator arena);
}
