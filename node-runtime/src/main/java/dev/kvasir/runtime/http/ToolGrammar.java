package dev.kvasir.runtime.http;

import dev.kvasir.runtime.grammar.GrammarSpec;
import dev.kvasir.runtime.http.ToolAsk.Choice;
import dev.kvasir.runtime.reply.ForcedCalls;
import dev.kvasir.runtime.reply.Tools;
import java.util.List;

/**
 * What a reply has to be that must call a tool: one JSON object for each call, its arguments as the
 * tool's schema wants them. The same for every family, since the mask leaves no other way to write.
 */
final class ToolGrammar {
  /** More calls than that in one reply are not wanted of a model that is made to call. */
  private static final int MAX_CALLS = 8;

  private ToolGrammar() {}

  /** The grammar of a choice that needs one, else null. */
  static GrammarSpec of(ToolAsk tools) {
    return switch (tools.choice()) {
      case Choice.None none -> null;
      case Choice.Auto auto -> null;
      case Choice.Named named -> call(named.tool(), tools.tools());
      case Choice.Required required -> {
        List<GrammarSpec> each =
            tools.tools().parameters().keySet().stream()
                .map(name -> call(name, tools.tools()))
                .toList();
        GrammarSpec any = each.size() == 1 ? each.getFirst() : new GrammarSpec.AnyOf(each);
        int most = tools.parallel() ? MAX_CALLS : 1;
        yield most == 1 ? any : new GrammarSpec.Several(any, ForcedCalls.SEPARATOR, 1, most);
      }
    };
  }

  private static GrammarSpec call(String name, Tools tools) {
    return new GrammarSpec.Sequence(
        List.of(
            new GrammarSpec.Text("{\"name\": \"" + name + "\", \"arguments\": "),
            arguments(tools.parameters().get(name).toString()),
            new GrammarSpec.Text("}")));
  }

  /** Arguments are an object, whatever the schema leaves open. */
  private static GrammarSpec arguments(String schema) {
    return schema.equals("{}") ? new GrammarSpec.JsonObject() : new GrammarSpec.JsonSchema(schema);
  }
}
