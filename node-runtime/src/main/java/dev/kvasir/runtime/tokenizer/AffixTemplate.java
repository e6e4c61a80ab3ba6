package dev.kvasir.runtime.tokenizer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/** The post-processor that puts tokens around a text, such as a BOS before it. */
final class AffixTemplate {
  private record Affix(String token, int id) {}

  private final List<Affix> before = new ArrayList<>();
  private final List<Affix> after = new ArrayList<>();

  void before(String token, int id) {
    before.add(new Affix(token, id));
  }

  void after(String token, int id) {
    after.add(new Affix(token, id));
  }

  ObjectNode toJson() {
    ObjectNode template = ClassParts.part("TemplateProcessing");
    template.set("single", sequence("A", 0));
    ArrayNode pair = sequence("A", 0);
    template.set("pair", pair.addAll(sequence("B", 1)));
    ObjectNode specials = template.putObject("special_tokens");
    before.forEach(affix -> declare(specials, affix));
    after.forEach(affix -> declare(specials, affix));
    return template;
  }

  private ArrayNode sequence(String id, int type) {
    ArrayNode sequence = JsonNodeFactory.instance.arrayNode();
    before.forEach(affix -> reference(sequence, "SpecialToken", affix.token(), type));
    reference(sequence, "Sequence", id, type);
    after.forEach(affix -> reference(sequence, "SpecialToken", affix.token(), type));
    return sequence;
  }

  private static void reference(ArrayNode sequence, String kind, String id, int type) {
    sequence.addObject().putObject(kind).put("id", id).put("type_id", type);
  }

  private static void declare(ObjectNode specials, Affix affix) {
    ObjectNode special = specials.putObject(affix.token()).put("id", affix.token());
    special.putArray("ids").add(affix.id());
    special.putArray("tokens").add(affix.token());
  }
}
