package dev.kvasir.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/** What became of clients' streams. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record StreamsStatus(
    @JsonPropertyDescription(
            "Streams that were cut since the resource was made: what pods said when they ended, or"
                + " what a pod that was killed worked on when it was last read.")
        Long dropped,
    @JsonPropertyDescription("The last end of a container that is counted in dropped.")
        String countedUntil) {}
