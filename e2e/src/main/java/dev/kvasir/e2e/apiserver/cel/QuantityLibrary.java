package dev.kvasir.e2e.apiserver.cel;

import dev.cel.bundle.CelBuilder;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.types.CelType;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.SimpleType;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelFunctionOverload;

/** Kubernetes' functions on quantities, as its CEL environment has them. */
final class QuantityLibrary {
  private static final CelType QUANTITY = OpaqueType.create("kubernetes.Quantity");

  private final CelBuilder cel;

  private QuantityLibrary(CelBuilder cel) {
    this.cel = cel;
  }

  static void addTo(CelBuilder cel) {
    new QuantityLibrary(cel).add();
  }

  private void add() {
    ofText("quantity", QUANTITY, QuantityLibrary::parse);
    ofText("isQuantity", SimpleType.BOOL, text -> KubeQuantity.parse(text).isPresent());
    unary("isInteger", SimpleType.BOOL, KubeQuantity::isInteger);
    unary("asInteger", SimpleType.INT, KubeQuantity::asInteger);
    unary("asApproximateFloat", SimpleType.DOUBLE, q -> q.value().doubleValue());
    unary("sign", SimpleType.INT, KubeQuantity::sign);
    binary("compareTo", SimpleType.INT, KubeQuantity::compareTo);
    binary("isGreaterThan", SimpleType.BOOL, (a, b) -> a.compareTo(b) > 0);
    binary("isLessThan", SimpleType.BOOL, (a, b) -> a.compareTo(b) < 0);
    binary("add", QUANTITY, KubeQuantity::plus);
    binary("sub", QUANTITY, KubeQuantity::minus);
  }

  private static KubeQuantity parse(String text) {
    return KubeQuantity.parse(text)
        .orElseThrow(
            () -> new IllegalArgumentException("quantities must match the regular expression"));
  }

  private void ofText(String name, CelType result, CelFunctionOverload.Unary<String> function) {
    String id = "kubernetes_" + name;
    cel.addFunctionDeclarations(
        CelFunctionDecl.newFunctionDeclaration(
            name, CelOverloadDecl.newGlobalOverload(id, result, SimpleType.STRING)));
    cel.addFunctionBindings(CelFunctionBinding.from(id, String.class, function));
  }

  private void unary(
      String name, CelType result, CelFunctionOverload.Unary<KubeQuantity> function) {
    String id = "kubernetes_quantity_" + name;
    cel.addFunctionDeclarations(
        CelFunctionDecl.newFunctionDeclaration(
            name, CelOverloadDecl.newMemberOverload(id, result, QUANTITY)));
    cel.addFunctionBindings(CelFunctionBinding.from(id, KubeQuantity.class, function));
  }

  private void binary(
      String name,
      CelType result,
      CelFunctionOverload.Binary<KubeQuantity, KubeQuantity> function) {
    String id = "kubernetes_quantity_" + name;
    cel.addFunctionDeclarations(
        CelFunctionDecl.newFunctionDeclaration(
            name, CelOverloadDecl.newMemberOverload(id, result, QUANTITY, QUANTITY)));
    cel.addFunctionBindings(
        CelFunctionBinding.from(id, KubeQuantity.class, KubeQuantity.class, function));
  }
}
