package dev.kvasir.e2e.conformance;

/** The whole suite; a control plane passes all of it. */
interface Conformance
    extends ApplyConformance,
        KubectlConformance,
        OwnershipConformance,
        PatchConformance,
        PodConformance,
        ScaleConformance,
        SchemaConformance,
        WatchConformance,
        WorkloadConformance,
        WriteConformance {}
