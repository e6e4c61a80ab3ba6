package dev.kvasir.e2e.apiserver.rest;

import dev.kvasir.e2e.apiserver.model.ResourceType;
import dev.kvasir.e2e.apiserver.resource.ResourceRegistry;
import dev.kvasir.e2e.apiserver.table.TableRenderer;
import java.time.Clock;

/** Chooses the form in which a request wants its objects. */
record Representation(Conversion conversion, Clock clock) {
  static Representation of(ResourceRegistry registry, Clock clock) {
    return new Representation(new Conversion(registry), clock);
  }

  View of(ApiRequest request, ResourceType type) {
    View.Form form =
        request.accepts("Table")
            ? View.Form.TABLE
            : request.accepts("PartialObjectMetadata") ? View.Form.METADATA : View.Form.OBJECT;
    TableRenderer table = new TableRenderer(type, request.parameter("includeObject"), clock);
    return new View(type, form, table, conversion);
  }
}
