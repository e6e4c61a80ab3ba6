package dev.kvasir.e2e.apiserver.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.e2e.apiserver.model.ApiException;
import dev.kvasir.e2e.apiserver.model.Json;
import java.io.IOException;
import java.util.List;

/** SelfSubjectAccessReview: whoever has the token may do everything. */
final class AccessReview {
  private static final List<String> PATH =
      List.of("apis", "authorization.k8s.io", "v1", "selfsubjectaccessreviews");

  private AccessReview() {}

  static boolean isFor(ApiRequest request) {
    return request.path().equals(PATH);
  }

  static void answer(ApiRequest request) throws IOException {
    if (!request.method().equals("POST")) {
      throw ApiException.methodNotAllowed();
    }
    // The answer is the same whatever is asked, so kubectl's protobuf need not be read.
    boolean readable = !request.contentType().equals(ApiRequest.PROTOBUF);
    ObjectNode review = readable ? request.object().json() : Json.object();
    review.put("apiVersion", "authorization.k8s.io/v1").put("kind", "SelfSubjectAccessReview");
    review.putObject("status").put("allowed", true);
    Responses.json(request.exchange(), 201, review);
  }
}
