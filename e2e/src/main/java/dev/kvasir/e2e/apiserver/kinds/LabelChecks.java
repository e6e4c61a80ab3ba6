package dev.kvasir.e2e.apiserver.kinds;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvasir.e2e.apiserver.model.ApiException.Cause;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** What the keys and values of labels may be. */
public final class LabelChecks {
  private static final int MAX_LENGTH = 63;
  private static final Pattern NAME = Pattern.compile("([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]");
  private static final Pattern PREFIX =
      Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
  private static final String NAME_RULE =
      "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end"
          + " with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex"
          + " used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
  private static final String VALUE_RULE =
      "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or"
          + " '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or"
          + " 'my_value',  or '12345', regex used for validation is"
          + " '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

  private LabelChecks() {}

  public static List<Cause> of(JsonNode labels, String path) {
    List<Cause> causes = new ArrayList<>();
    for (var label : labels.properties()) {
      if (!isKey(label.getKey())) {
        causes.add(Cause.invalid(path, "\"" + label.getKey() + "\"", NAME_RULE));
      }
      String value = label.getValue().asText();
      if (value.length() > MAX_LENGTH) {
        causes.add(Cause.invalid(path, "\"" + value + "\"", "must be no more than 63 bytes"));
      } else if (!value.isEmpty() && !NAME.matcher(value).matches()) {
        causes.add(Cause.invalid(path, "\"" + value + "\"", VALUE_RULE));
      }
    }
    return causes;
  }

  private static boolean isKey(String key) {
    int slash = key.indexOf('/');
    String name = key.substring(slash + 1);
    boolean prefixed = slash < 0 || PREFIX.matcher(key.substring(0, slash)).matches();
    return prefixed && name.length() <= MAX_LENGTH && NAME.matcher(name).matches();
  }
}
