package dev.kvasir.runtime.template;

import java.util.List;

/** A dict's keys, values or items: they can be walked and counted, but not indexed. */
record View(String kind, List<Object> items) {}
