package dev.kvasir.runtime.grammar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class SchemaCompilerTest {
  /** Quotes are written as apostrophes. */
  private static String json(String text) {
    return text.replace('\'', '"');
  }

  private static void holds(String schema, String... values) throws GrammarException {
    ask(schema, true, values);
  }

  private static void refuses(String schema, String... values) throws GrammarException {
    ask(schema, false, values);
  }

  private static void ask(String schema, boolean wanted, String... values) throws GrammarException {
    Grammar grammar = TestingGrammars.schema(json(schema));
    for (String value : values) {
      assertEquals(
          wanted,
          TestingGrammars.holds(grammar, json(value)),
          json(schema) + " and " + json(value));
    }
  }

  @Test
  void objectsHaveTheirPropertiesInTheSchemasOrder() throws Exception {
    String schema =
        "{'type':'object','properties':{'a':{'type':'integer'},'b':{'type':'null'},'c':{'const':1}},'required':['b']}";
    holds(schema, "{'b':null}", "{'a':1,'b':null}", "{'a': 12, 'b': null, 'c': 1}");
    refuses(
        schema,
        "{}",
        "{'a':1}",
        "{'b':null,'a':1}",
        "{'b':null,}",
        "{'b':null,'d':1}",
        "{'b' :null}");
  }

  @Test
  void furtherPropertiesComeWhereTheSchemaNamesThem() throws Exception {
    String schema =
        "{'properties':{'a':{}},'additionalProperties':{'type':'integer'},'maxProperties':2}";
    holds(schema, "{}", "{'x':1}", "{'x':1,'y':2}", "{'a':'s','y':2}");
    refuses(schema, "{'x':'s'}", "{'x':1,'a':1}", "{'x':1,'y':2,'z':3}", "{'\\u0061':2}", "{'':1}");
    refuses("{'type':'object','properties':{}}", "{'a':1}");
    holds("{'type':'object'}", "{'a':[1,{'b':null}]}");
    holds(
        "{'patternProperties':{'^x':{'type':'integer'},'y$':{'type':'null'}},'additionalProperties':false}",
        "{'x1':1,'ay':null}");
    refuses(
        "{'patternProperties':{'^x':{'type':'integer'},'y$':{'type':'null'}},'additionalProperties':false}",
        "{'xy':1}",
        "{'xy':null}",
        "{'a':1}");
    refuses("{'type':'object','propertyNames':{'pattern':'^k'}}", "{'a':1}");
  }

  @Test
  void stringsCountCharactersHoweverTheyAreWritten() throws Exception {
    String schema = "{'type':'string','minLength':2,'maxLength':3}";
    holds(schema, "'ab'", "'\u00e9\ud83d\ude00'", "'\\u00e9\\ud83d\\ude00x'", "'\\n\\\\'");
    refuses(
        schema, "'a'", "'\ud83d\ude00'", "'abcd'", "'\\ud83dab'", "'\\ude00ab'", "'a\nb'", "'ab");
  }

  @Test
  void numbersKeepTheirBounds() throws Exception {
    holds("{'type':'integer','minimum':-5,'maximum':120}", "-5", "0", "120", "99");
    refuses("{'type':'integer','minimum':-5,'maximum':120}", "-6", "121", "-0", "07", "1.0", "1e1");
    holds("{'type':'number'}", "-1.5e-10", "0.25", "3", "1E5");
    refuses("{'type':'number'}", "01", ".5", "1.", "1e", "--1", "1e999");
    holds("{'type':'number','exclusiveMaximum':0.3}", "0.29999", "-7", "0");
    refuses("{'type':'number','exclusiveMaximum':0.3}", "0.3", "0.300", "1");
    holds("{'minimum':1e20,'type':'integer'}", "100000000000000000000");
    holds("{'type':'number','multipleOf':5}", "0", "-15");
    refuses("{'type':'number','multipleOf':5}", "2.5", "7");
  }

  @Test
  void arraysKeepTheirCountsAndPlaces() throws Exception {
    String pair = "{'prefixItems':[{'const':1},{'const':2}],'items':false,'minItems':1}";
    holds(pair, "[1]", "[1,2]", "[1, 2]");
    refuses(pair, "[]", "[2]", "[1,2,3]", "[1 ,2]");
    holds("{'items':{'type':'boolean'},'maxItems':2}", "[]", "[true,false]");
    refuses("{'items':{'type':'boolean'},'maxItems':2}", "[true,true,true]", "[1]");
    holds("{'type':'array','items':[{'const':1}],'additionalItems':{'const':0}}", "[1,0,0]");
    holds("{'type':'array','maxItems':1,'uniqueItems':true}", "['x']");
  }

  @Test
  void listedValuesMeetTheOtherKeywordsToo() throws Exception {
    holds("{'enum':['a',1,null,{'k':[1.5,'\u00e9']}]}", "'a'", "1", "null", "{'k':[1.5,'\u00e9']}");
    refuses("{'enum':['abc','a',1,null],'type':'string','maxLength':2}", "'abc'", "1", "null");
    holds("{'enum':[1,2.5,3],'const':1.0}", "1");
    holds("{'enum':['ab','cd'],'pattern':'^c'}", "'cd'");
  }

  @Test
  void schemasThatMustAllBeMetAreMerged() throws Exception {
    String schema =
        "{'type':'object','required':['a','b'],'allOf':[{'properties':{'a':{'minimum':3}}},"
            + "{'properties':{'a':{'type':'integer','maximum':9},'b':{'$ref':'#/$defs/s'}}}],"
            + "'$defs':{'s':{'type':'string','maxLength':2}}}";
    holds(schema, "{'a':3,'b':'xy'}");
    refuses(schema, "{'a':2,'b':''}", "{'a':10,'b':''}", "{'a':3,'b':'xyz'}", "{'a':3}");
    holds("{'$ref':'#/$defs/n','maximum':5,'$defs':{'n':{'type':'integer','minimum':5}}}", "5");
    String closed =
        "{'allOf':[{'properties':{'a':{}},'additionalProperties':false},{'properties':{'b':{}}}]}";
    holds(closed, "{}", "{'a':1}");
    refuses(closed, "{'b':1}");
  }

  @Test
  void choicesAreMultipliedOut() throws Exception {
    String schema =
        "{'type':'object','properties':{'k':{'type':'string','maxLength':1}},'required':['k'],"
            + "'anyOf':[{'properties':{'x':{'const':1}},'required':['x']},{'properties':{'y':{'const':2}},'required':['y']}]}";
    holds(schema, "{'k':'a','x':1}", "{'k':'a','y':2}");
    refuses(schema, "{'k':'a'}", "{'x':1}", "{'k':'a','x':2}");
    holds("{'type':['integer','null','string'],'maxLength':1}", "7", "null", "'a'");
    holds("{'type':'integer','nullable':true}", "null", "1");
  }

  @Test
  void oneOfIsTakenWhereItsSchemasExcludeEachOther() throws Exception {
    holds("{'oneOf':[{'type':'string'},{'type':'integer'}]}", "'a'", "1");
    String tagged =
        "{'oneOf':[{'properties':{'t':{'const':'a'}},'required':['t']},{'properties':{'t':{'enum':['b','c']}},'required':['t']}]}";
    holds(tagged, "{'t':'a'}", "{'t':'c'}");
    holds(
        "{'oneOf':[{'properties':{'a':{}},'required':['a']},{'properties':{'b':{}},'required':['b']}]}",
        "{'a':1}",
        "{'b':2}");
    holds("{'oneOf':[{'type':'integer','maximum':3},{'type':'number','minimum':4}]}", "3", "4.5");
    isRefused("{'oneOf':[{'type':'integer'},{'type':'number'}]}", "'oneOf' at /oneOf");
    isRefused("{'oneOf':[{'type':'object'},{'required':['a']}]}", "schemas 0 and 1 both");
  }

  @Test
  void referencesMayRecur() throws Exception {
    String tree =
        "{'$ref':'#/$defs/t','$defs':{'t':{'type':'object','properties':{'v':{'type':'integer'},"
            + "'c':{'type':'array','items':{'$ref':'#/$defs/t'}}},'required':['v','c']}}}";
    holds(tree, "{'v':1,'c':[{'v':2,'c':[]},{'v':3,'c':[{'v':4,'c':[]}]}]}");
    String deep = "{'v':1,'c':[".repeat(40);
    refuses(tree, deep + "]}".repeat(40));
    holds(tree, "{'v':1,'c':[".repeat(32) + "]}".repeat(32));
    isRefused("{'$ref':'#'}", "leads back to itself");
    isRefused("{'anyOf':[{'$ref':'#'},{'type':'null'}]}", "leads back to itself");
    isRefused(
        "{'type':'object','properties':{'a':{'$ref':'#'}},'required':['a']}", "no value that ends");
    isRefused("{'$ref':'#/$defs/x'}", "points to #/$defs/x, which is not there");
    isRefused("{'$ref':'http://example.com/s'}", "'$ref' at /$ref");
    isRefused("{'type':'object','allOf':[{'$ref':'#'}]}", "refers to itself beside other keywords");
  }

  @Test
  void keywordsThatAreNotSupportedAreRefusedWithTheirPlace() {
    String[] keywords = {
      "not",
      "if",
      "then",
      "else",
      "contains",
      "minContains",
      "maxContains",
      "dependentRequired",
      "dependentSchemas",
      "unevaluatedProperties",
      "unevaluatedItems",
      "dependencies",
      "$dynamicRef",
      "minimun"
    };
    for (String keyword : keywords) {
      isRefused(
          "{'properties':{'a/b':{'type':'object','" + keyword + "':{}}}}",
          "'" + keyword + "' at /properties/a~1b/" + keyword + " is not supported");
    }
    isRefused("{'items':{'uniqueItems':true}}", "'uniqueItems' at /items/uniqueItems");
    isRefused("{'multipleOf':0.01}", "'multipleOf' at /multipleOf");
    isRefused("{'type':'string','format':'iri'}", "'format' at /format");
    isRefused("{'minProperties':3,'type':'object'}", "'minProperties' at /minProperties");
    isRefused("{'exclusiveMinimum':true}", "draft 4");
    isRefused("{'pattern':'(?=a)'}", "'pattern' at the root: the regular expression '(?=a)'");
  }

  @Test
  void malformedSchemasAreRefusedWithTheirPlace() {
    isRefused("{'type':'strin'}", "'type' at /type is \"strin\"");
    isRefused("{'required':'a'}", "'required' at /required must be a list");
    isRefused("{'properties':{'a':1}}", "properties/a must be a schema");
    isRefused("{'minLength':-1}", "not negative");
    isRefused("{'anyOf':[]}", "not empty");
    isRefused("{'a':", "not valid JSON");
    isRefused("{'type':'null','type':'null'}", "Duplicate");
    isRefused("[1]", "a schema is an object");
    isRefused("false", "no value that ends");
    isRefused("{'type':'integer','minimum':3,'maximum':2}", "no number meets the bounds");
    isRefused("{'enum':[1],'type':'string'}", "no listed value fits");
    isRefused("{'type':'string','minLength':2,'maxLength':1}", "no string meets");
  }

  @Test
  void annotationsChangeNothing() throws Exception {
    holds(
        "{'$schema':'s','$id':'i','title':'t','description':'d','default':1,'examples':[2],'$comment':'c',"
            + "'deprecated':true,'readOnly':true,'writeOnly':false,'x-own':{},'const':1}",
        "1");
  }

  @Test
  void largeAndHostileSchemasEndWithAnError() {
    String nested = "{'minItems':1,'items':".repeat(90) + "{'const':1}" + "}".repeat(90);
    isRefused(nested, "no value that ends");
    isRefused("{'items':".repeat(300) + "{}" + "}".repeat(300), "not valid JSON");
    String doubling = "{'$ref':'#/$defs/d0','$defs':{";
    StringBuilder all = new StringBuilder(doubling);
    for (int i = 0; i < 30; i++) {
      all.append(
          "'d%d':{'allOf':[{'$ref':'#/$defs/d%d'},{'$ref':'#/$defs/d%d'}]},"
              .formatted(i, i + 1, i + 1));
    }
    isRefused(all + "'d30':{'type':'object'}}}", "too complex");
    isRefused("{'type':'string','pattern':'^(a?){3000}b{3000}$','maxLength':9000}", "too");
  }

  private static void isRefused(String schema, String why) {
    GrammarException e =
        assertThrows(GrammarException.class, () -> TestingGrammars.schema(json(schema)), schema);
    assertTrue(e.getMessage().contains(why), json(schema) + ": " + e.getMessage());
  }
}
