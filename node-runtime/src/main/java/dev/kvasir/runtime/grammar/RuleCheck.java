package dev.kvasir.runtime.grammar;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/** What is worked out over all rules of a grammar once they are made. */
final class RuleCheck {
  private RuleCheck() {}

  /** Finds the costs of all rules that can be reached, and refuses those that never begin. */
  static void prepare(Rule root, Budget budget) throws GrammarException {
    List<Rule> rules = reachable(root);
    refuseLoops(rules);
    boolean changed = true;
    while (changed) {
      budget.spend(rules.size());
      changed = false;
      for (int i = rules.size() - 1; i >= 0; i--) {
        changed |= rules.get(i).relax();
      }
    }
  }

  private static List<Rule> reachable(Rule root) {
    Set<Rule> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    List<Rule> rules = new ArrayList<>();
    seen.add(root);
    rules.add(root);
    for (int i = 0; i < rules.size(); i++) {
      for (Rule part : rules.get(i).parts()) {
        if (seen.add(part)) {
          rules.add(part);
        }
      }
    }
    return rules;
  }

  private static void refuseLoops(List<Rule> rules) throws GrammarException {
    Set<Rule> done = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Rule rule : rules) {
      follow(rule, Collections.newSetFromMap(new IdentityHashMap<>()), done);
    }
  }

  private static void follow(Rule rule, Set<Rule> path, Set<Rule> done) throws GrammarException {
    if (done.contains(rule)) {
      return;
    }
    if (!path.add(rule)) {
      throw new GrammarException("a $ref leads back to itself with no object or array in between");
    }
    for (Rule first : openedBy(rule)) {
      follow(first, path, done);
    }
    path.remove(rule);
    done.add(rule);
  }

  /** Rules that begin where this one begins. */
  private static List<Rule> openedBy(Rule rule) {
    return switch (rule) {
      case Rule.Either either -> either.parts();
      case Rule.Reference reference -> reference.parts();
      case Rule.Sequence sequence ->
          sequence.parts().subList(0, Math.min(1, sequence.parts().size()));
      case Rule.Terminal t -> List.of();
      case ObjectRule o -> List.of();
      case ListRule l -> List.of();
    };
  }
}
