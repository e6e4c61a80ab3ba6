package dev.kvasir.e2e.apiserver.rest;

import dev.kvasir.e2e.apiserver.model.KubeObject;
import dev.kvasir.e2e.apiserver.selection.FieldSelector;
import dev.kvasir.e2e.apiserver.selection.LabelSelector;
import java.util.function.Predicate;

/** Which objects a list, a watch or a deletion of many is about. */
record Selection(String namespace, String name, LabelSelector labels, FieldSelector fields)
    implements Predicate<KubeObject> {

  static Selection of(ApiRequest request, ResourcePath path) {
    return new Selection(
        path.namespace(),
        path.name(),
        LabelSelector.parse(request.parameter("labelSelector")),
        FieldSelector.parse(request.parameter("fieldSelector"), path.type()));
  }

  @Override
  public boolean test(KubeObject object) {
    return (namespace.isEmpty() || namespace.equals(object.namespace()))
        && (name.isEmpty() || name.equals(object.name()))
        && labels.test(object.labels())
        && fields.test(object);
  }
}
