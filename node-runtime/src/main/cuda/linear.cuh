// Linear layers: y = weight * x, in every format by the same three kernels.
//
// A warp computes 16 outputs a tile (the product's rows) for 8 rows of x a tile (its columns). Weights lie in memory in the fragments' own
// order and go to registers directly, 16 bytes a load and none twice in a block; within a step the terms of a sum are permuted alike in
// weights and x.
//   few:   the warps of a block share its outputs and take turns at the steps along the columns; x comes through the first-level cache.
//   many:  each warp has its own outputs; x is staged in shared memory.
//   wgmma: Hopper's own products, where blocks share the work evenly.
// A block may take a part of the columns; the last one to finish adds up the parts, always in the same order.
#pragma once
#include "linear_few.cuh"
#include "linear_many.cuh"
#include "linear_wgmma.cuh"
