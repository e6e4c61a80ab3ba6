package dev.kvasir.e2e.node;

import dev.kvasir.e2e.events.ObjectEvents;
import dev.kvasir.e2e.process.Children;
import java.time.Clock;

/** What every pod of the node shares. */
record NodeServices(
    String nodeName,
    String hostIp,
    ImageTable images,
    Children children,
    Checker checker,
    ConfigData data,
    ObjectEvents events,
    long maxLogFileBytes,
    Clock clock) {}
